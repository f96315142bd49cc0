;name Paper
;strategy Six processes copy the whole warrior to a far place at once and go on there: everywhere, hardly a weapon.
far     EQU    1233
        SPL.B  $1
        SPL.B  $1
        MOV.I  $-1, $0
copy    SPL.B  @0, <far
        MOV.I  }-1, >-1
        MOV.I  }-2, >-2
        MOV.I  $bomb, }200
        JMP.B  $copy, <-50
bomb    DAT.F  <1, <1
        END
