; expect: wrong
;assert __import__("os").system("true") == 0
        MOV.I  $__import__("os").getpid(), $1
