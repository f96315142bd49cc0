# what: leaves marks in modules, builtins, environment and intern tables, and looks for those of an earlier candidate
# expect: valid
# score: 1.0
# escaped: 0
# rounds: 3
import builtins
import os
import sys

MARK = "evolve_attack_mark"


def found():
    places = {
        "builtins": hasattr(builtins, MARK),
        "sys": hasattr(sys, MARK),
        "modules": MARK in sys.modules,
        "environment": MARK in os.environ,
        "os": hasattr(os, MARK),
        "path": MARK in sys.path,
        "recursion": sys.getrecursionlimit() == 1234,
        "interval": sys.getswitchinterval() == 0.25,
    }
    return [name for name, there in places.items() if there]


seen = found()


def solve(numbers):
    for place in (builtins, sys, os):
        setattr(place, MARK, True)
    sys.modules[MARK] = sys
    os.environ[MARK] = "1"
    sys.path.append(MARK)
    sys.setrecursionlimit(1234)
    sys.setswitchinterval(0.25)
    return {"value": sum(numbers), "escaped": seen}
