# what: stops the kernel in the middle of a copy, as many kernel exploits want to
# expect: valid
# escaped: 0

import ctypes
import os


def solve(numbers):
    libc = ctypes.CDLL(None, use_errno=True)
    escaped = []
    for flags in (0, 1, os.O_CLOEXEC | os.O_NONBLOCK):
        if libc.syscall(ctypes.c_long(323 if os.uname().machine == "x86_64" else 282), ctypes.c_long(flags)) >= 0:
            escaped.append(f"userfaultfd {flags}")
    try:
        os.close(os.open("/dev/userfaultfd", os.O_RDWR))
        escaped.append("its device")
    except OSError:
        pass
    return {"escaped": escaped}
