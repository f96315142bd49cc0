;name Stone
;strategy Splits without end, so that a few bombs do not kill it, and throws two bombs a round with a wide step.
step    EQU    2365
        SPL.B  #0, <-10
throw   MOV.I  $bomb, @aim
        MOV.I  $bomb, *aim
        ADD.F  $jump, $aim
        DJN.F  $throw, <-15
jump    DAT.F  #step, #step
aim     DAT.F  #step, #step+3
bomb    DAT.F  <5, <2
        END
