;name Beginner
;strategy Throws a bomb, moves its aim, and starts again.
step    EQU    10
start   ADD.AB #step, $aim
        MOV.I  $bomb, @aim
        JMP.B  $start
aim     DAT.F  #0, #0
bomb    DAT.F  #0, #0
        END    start
