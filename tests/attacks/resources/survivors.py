# what: daemons by double fork and setsid that ignore signals and want to outlive the answer
# expect: valid
# score: = 1.0
# core

import os
import signal
import time


def solve(numbers):
    for _ in range(3):
        child = os.fork()
        if child == 0:
            os.setsid()
            if os.fork() == 0:
                for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGCHLD):
                    signal.signal(number, signal.SIG_IGN)
                os.closerange(0, 256)
                time.sleep(60)
            os._exit(0)
        os.waitpid(child, 0)
    return sum(numbers)
