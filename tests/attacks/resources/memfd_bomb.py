# what: memory in memfd files, which no rlimit counts
# expect: valid | memory | crash
# escaped: 0

import ctypes
import os


def solve(numbers):
    libc = ctypes.CDLL(None)
    got = []
    for number, name in ((319, "memfd_create"), (447, "memfd_secret")):
        fd = libc.syscall(number, b"evolve-attack" if number == 319 else 0, 0)
        if fd >= 0:
            got.append(name)
            written = 0
            while written < 400_000_000:
                written += os.write(fd, bytes(4_000_000))
    return {"value": sum(numbers), "escaped": got}
