# what: a regular expression that backtracks for ever and never lets go of the interpreter
# expect: timeout
# limits: wall=0.3

import re


def solve(numbers):
    return re.match(r"(a|aa)+$", "a" * 200 + "b")
