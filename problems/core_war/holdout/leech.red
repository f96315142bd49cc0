;name Leech
;strategy A vampire with a pit that makes its captives sweep the core for it.
step    EQU    17
hook    JMP.B  $pit-cast, $cast
cast    MOV.I  $hook, @hook
        ADD.F  $move, $hook
        DJN.B  $cast, <-60
        JMP.B  $cast
move    DAT.F  #0-step, #step
pit     SPL.B  $0, <-30
        MOV.I  $wet, <pit
        JMP.B  $pit
wet     DAT.F  #0, #0
        END    cast
