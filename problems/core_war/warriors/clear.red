;name Clear
;strategy Fills the core with SPLs from behind, then with DATs: slow and thorough.
        SPL.B  #0, #0
sweep   MOV.I  $split, >aim
        DJN.B  $sweep, #CORESIZE-20
        MOV.I  $kill, >last
        JMP.B  $-1
aim     DAT.F  #0, #split+12-aim
last    DAT.F  #0, #12
split   SPL.B  #0, #0
kill    DAT.F  <1, <1
        END
