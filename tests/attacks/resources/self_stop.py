# what: stops itself, as a debugger would
# expect: timeout | crash | valid
# score: 1.0
# limits: wall=0.4

import os
import signal


def solve(numbers):
    for number in (signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN):
        try:
            os.kill(os.getpid(), number)
            os.killpg(0, number)
        except OSError:
            pass
    return sum(numbers)
