# what: ends the main thread of each of its processes, after which the kernel shows their memory as none
# expect: memory | crash
# limits: memory=100MB
# slow

import ctypes
import os
import threading
import time


def solve(numbers):
    if not hog(4):
        time.sleep(1)
    return sum(numbers)


def hog(count):
    """Each of `count` processes touches 80 MB, five times the limit in all, and holds it a moment."""
    for _ in range(count):
        if os.fork() == 0:
            threading.Thread(target=hold).start()
            time.sleep(0.03)
            ctypes.CDLL(None).syscall(ctypes.c_long(60 if os.uname().machine == "x86_64" else 93), ctypes.c_long(0))


def hold():
    time.sleep(0.1)
    held = bytearray(80 << 20)
    for place in range(0, len(held), 4096):
        held[place] = 1
    time.sleep(0.8)
    os._exit(len(held) & 1)
