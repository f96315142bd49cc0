;name Imp
;strategy Copies itself one cell ahead and walks into the copy: hard to kill, kills little.
        MOV.I  $0, $1
