;name Copier
;strategy One process copies the whole warrior cell by cell with a counter, then splits to the copy.
away    EQU    1361
length  EQU    9
from    DAT.F  #0, #0
go      MOV.AB #length, $from
loop    MOV.I  <from, <to
        JMN.B  $loop, $from
        ADD.AB #1, $to
        SPL.B  @to, $0
        ADD.AB #away, $to
        JMP.B  $go
to      DAT.F  #0, #away
        END    go
