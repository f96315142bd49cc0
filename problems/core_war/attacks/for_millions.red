; expect: wrong
i       FOR    1000000
j       FOR    1000000
        MOV.I  $0, $1
        ROF
        ROF
