;name Bomber
;strategy Throws DATs at even distances through the core; its step never meets itself.
step    EQU    4
bombs   ADD.AB #step, $aim
        MOV.I  $aim, @aim
        JMP.A  $bombs
aim     DAT.F  #0, #0
