;name Silk
;strategy Eight processes start each copy before it is written: two copiers with different steps.
near    EQU    287
far     EQU    1521
        SPL.B  $1
        SPL.B  $1
        SPL.B  $1
        SPL.B  @0, }near
        MOV.I  }-1, >-1
        SPL.B  @0, <far
        MOV.I  }-1, >-1
        MOV.I  {-3, <1
        JMP.B  @0, >-91
        END
