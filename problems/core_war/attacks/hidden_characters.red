; expect: wrong
        MOV.I  $0, $1​
