;name Leaf
;strategy A paper of four cells: four processes write each copy, and a DJN stream runs under them.
far     EQU    2403
        SPL.B  $1
        SPL.B  $1
        SPL.B  @0, >far
        MOV.I  }-1, >-1
        MOV.I  $2, >-97
        DJN.F  $-3, <-203
        DAT.F  <1, {1
        END
