# what: every process forks at full speed, and its children do, too
# expect: timeout | crash
# core
# limits: wall=0.7

import os
import time


def solve(numbers):
    budget = 2000  # of forks, for this process and all below it
    while budget > 0:
        budget -= 1
        try:
            if os.fork() == 0:
                budget //= 2
            else:
                budget -= budget // 2
        except OSError:
            time.sleep(0.001)
    time.sleep(5)
