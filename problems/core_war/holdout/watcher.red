;name Watcher
;strategy Looks for anything that is not empty with a JMZ, bombs what it finds, and goes on from there.
step    EQU    12
look    ADD.AB #step, $eye
eye     JMZ.F  $look, 37
        SLT.AB #14, $eye
        JMP.B  $wipe
        MOV.AB $eye, $spot
        ADD.AB #eye-spot-3, $spot
        MOV.I  $trap, >spot
        MOV.I  $trap, >spot
        MOV.I  $trap, >spot
        MOV.I  $trap, >spot
        MOV.I  $trap, >spot
        JMP.B  $look
spot    DAT.F  #0, #0
trap    SPL.B  #0, $0
wipe    MOV.I  $kill, >last
        JMP.B  $wipe
kill    DAT.F  <2, <2
last    DAT.F  #0, #4
        END    look
