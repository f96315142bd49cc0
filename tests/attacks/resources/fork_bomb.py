# what: forks at full speed in every process
# expect: timeout | crash
# core
# limits: wall=0.7

import os


def solve(numbers):
    for _ in range(2000):
        try:
            os.fork()
        except OSError:
            pass
    while True:
        pass
