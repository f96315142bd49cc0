; expect: wrong
one     EQU    two
two     EQU    one
        JMP.B  $one
