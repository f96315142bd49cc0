; expect: wrong
        FOR    MAXLENGTH+1
        SPL.B  $0, $0
        ROF
