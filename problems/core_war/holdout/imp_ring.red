;name Imp ring
;strategy Three imps a third of the core apart pull each other along: an overwritten one is repaired by the next.
third   EQU    (CORESIZE+1)/3
        SPL.B  $2
        JMP.B  $one
        SPL.B  $2
        JMP.B  $imp+third
        JMP.B  $imp+2*third
one     JMP.B  $imp
imp     MOV.I  #third, $third
        END
