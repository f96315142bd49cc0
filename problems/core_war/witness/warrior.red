;name Two ways
;strategy A replicator with random numbers: the best one of many on the held-out warriors.
far     EQU    184
        SPL.B  $1
        SPL.B $2, <438
        MOV.I  $-1, $0
copy    SPL.B  @0, <far
        MOV.I  }-1, >-1
        MOV.I  }-2, >-2
        MOV.I  $bomb, }476
        MOV.I  $bomb, {290
        JMP.B  $copy, <-46
bomb    DAT.F  <533, <1
