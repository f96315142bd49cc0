# what: tells the same about its surroundings whether it is searched or held out
# expect: valid
# judge: holdout

import os
import sys


def solve(numbers):
    seen = (os.getcwd(), dict(os.environ), sys.argv, sorted(os.listdir("/tmp")), os.getppid(), __name__)
    return {"value": sum(numbers), "seen": repr(seen)}
