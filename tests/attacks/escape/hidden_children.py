# what: starts processes that look like its parent's children, not its own, and leaves them running
# expect: valid | crash
# score: 1.0

import ctypes
import os
import time

CLONE_PARENT = 0x8000


def solve(numbers):
    libc = ctypes.CDLL(None, use_errno=True)
    number = 56 if os.uname().machine == "x86_64" else 220
    for _ in range(2):
        if os.fork() == 0:
            os.setsid()
            pid = libc.syscall(ctypes.c_long(number), ctypes.c_ulong(CLONE_PARENT | 17), None, None, None, None)
            if pid == 0:
                time.sleep(20)
            os._exit(0)
    time.sleep(0.05)
    return sum(numbers)
