;name Hail
;strategy A stone with a small body: bombs by its own instruction's fields and keeps splitting.
step    EQU    1087
        SPL.B  #step, #step+1
hit     MOV.I  {0-step, $2*step
        ADD.F  $-2, $hit
        DJN.F  $-2, <-37
        END
