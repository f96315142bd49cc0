;name Flood
;strategy A clear with two waves: the same loop first lays SPLs, then DATs that count down what lies below.
aim     DAT.F  #kill-aim, #14
wave    SPL.B  #0, $14
kill    DAT.F  <2667, #14
        SPL.B  #0, <-21
loop    MOV.I  *aim, >aim
        MOV.I  *aim, >aim
        DJN.F  $loop, <-25
        END    kill+1
