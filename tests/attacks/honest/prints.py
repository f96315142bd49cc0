# what: prints a hundred kilobytes, more than is kept of it
# expect: valid

import sys


def solve(numbers):
    for _ in range(500):
        print("progress", "." * 90)
        print("warning", "!" * 90, file=sys.stderr)
    return sum(numbers)
