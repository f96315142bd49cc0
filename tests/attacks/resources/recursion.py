# what: runs off the end of its stack
# expect: crash | memory | timeout

import sys

sys.setrecursionlimit(10**9)


class Deep:
    def __repr__(self):
        return repr(self) + "x"


def solve(numbers):
    return repr(Deep())
