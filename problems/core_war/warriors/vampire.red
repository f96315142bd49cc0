;name Vampire
;strategy Throws JMPs that lead to its pit, where captured processes split till their owner is starved.
step    EQU    31
fang    JMP.B  $pit-bite, $bite
bite    ADD.X  $move, $fang
        MOV.I  $fang, @fang
        JMP.B  $bite
move    DAT.F  #step, #0-step
pit     SPL.B  $0
        SPL.B  $-1
        DAT.F  $0, $0
        END    bite
