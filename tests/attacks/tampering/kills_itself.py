# what: sends itself KILL and ABRT, so that its end looks like the system's doing
# expect: crash | memory
import os
import signal


def solve(numbers):
    os.kill(os.getpid(), signal.SIGKILL)
    os.abort()
