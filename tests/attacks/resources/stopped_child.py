# what: waits for a child that has stopped itself
# expect: timeout
# limits: wall=0.4

import os
import signal


def solve(numbers):
    child = os.fork()
    if child == 0:
        os.kill(os.getpid(), signal.SIGSTOP)
        signal.pause()
    os.waitpid(child, 0)
    return sum(numbers)
