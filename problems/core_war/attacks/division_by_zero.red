; expect: wrong
zero    EQU    (5-5)
        DAT.F  #100/zero, #100%zero
