; expect: wrong
a       FOR    2000000000
        ROF
        MOV.I  $0, $1
