; expect: wrong
;name Champion
;points 100.0
;{"points": 100.0, "coverage": 100.0}
points  EQU    100
        END
