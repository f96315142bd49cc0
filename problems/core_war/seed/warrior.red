;name Beginner
;strategy Throws a bomb, moves its aim, and starts again. What lies behind is never reached: decoys.
        ADD.AB #10, $3
        MOV.I  $3, @2
        JMP.B  $-2, $0
        DAT.F  #0, #0
        DAT.F  #0, #0
        SPL.B  #0, <-10
        DJN.F  $-1, <-20
        SPL.B  @0, {30
        MOV.I  }-1, >-1
        SNE.X  *7, @8
