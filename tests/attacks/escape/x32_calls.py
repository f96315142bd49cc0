# what: makes denied system calls by their x32 numbers, which are others than those on a deny list
# expect: valid | crash
# escaped: 0

import ctypes
import os

X32 = 0x40000000
CALLS = {
    "socket": (41, 2, 1, 0),
    "unshare": (272, 0x10000000),
    "ptrace": (521, 0, 0, 0, 0),
    "shmget": (29, 0, 4096, 0o1600),
    "memfd_create": (319, b"x", 0),
}


def solve(numbers):
    if os.uname().machine != "x86_64":
        return {"escaped": []}
    libc = ctypes.CDLL(None, use_errno=True)
    escaped = []
    for name, (number, *arguments) in CALLS.items():
        values = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
        if libc.syscall(ctypes.c_long(X32 | number), *values) >= 0:
            escaped.append(name)
    return {"escaped": escaped}
