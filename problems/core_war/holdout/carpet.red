;name Carpet
;strategy A bomber that alternates SPLs, which slow down, and DATs, which kill, backwards through the core.
step    EQU    10
go      MOV.I  $slow, @aim
        SUB.AB #step, $aim
        MOV.I  $dead, @aim
        SUB.AB #2*step, $aim
        JMP.B  $go
aim     DAT.F  #0, #-7
slow    SPL.B  #0, $0
dead    DAT.F  #0, #0
        END
