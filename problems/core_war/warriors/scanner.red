;name Scanner
;strategy Compares cells that lie a gap apart; where they differ somebody lives, and a carpet of SPLs is laid there.
;strategy Home again, it clears the core.
gap     EQU    7
next    DAT.F  #2*gap, #2*gap
look    ADD.F  $next, $eyes
eyes    SNE.I  $4*gap, $5*gap
        JMP.B  $look
        SLT.AB #5*gap, $eyes
        JMP.B  $clear
        MOV.AB $eyes, $spot
        SUB.AB #spot-eyes+2, $spot
        MOV.AB #gap+5, $count
lay     MOV.I  $trap, >spot
count   DJN.B  $lay, #0
        JMP.B  $look
spot    DAT.F  #0, #0
trap    SPL.B  #0, $0
clear   MOV.I  $kill, >last
        JMP.B  $clear
kill    DAT.F  <1, <1
last    DAT.F  #0, #4
        END    look
