# what: a survivor that is always another process: it forks and its parent ends, so that no list of processes holds it
# expect: valid
# score: = 1.0

import os
import time


def solve(numbers):
    if os.fork() == 0:
        os.setsid()
        for _ in range(1000):
            try:
                if os.fork():
                    os._exit(0)
            except OSError:
                pass
            time.sleep(0.005)
        os._exit(0)
    return sum(numbers)
