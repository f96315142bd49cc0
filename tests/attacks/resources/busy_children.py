# what: burns processor time in children while its own clock stands still
# expect: timeout
# limits: wall=0.5 cpu=0.2

import os


def solve(numbers):
    for _ in range(4):
        if os.fork() == 0:
            while True:
                pass
    while True:
        os.waitpid(-1, 0)
