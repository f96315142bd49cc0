# what: takes descriptors out of other processes, and memory from them, through process descriptors
# expect: valid
# escaped: 0

import ctypes
import os


def solve(numbers):
    libc = ctypes.CDLL(None, use_errno=True)
    escaped = []
    for pid in (pid for pid in range(1, 3000) if pid != os.getpid()):
        try:
            pidfd = os.pidfd_open(pid)
        except OSError:
            continue
        for fd in (0, 3):
            if libc.syscall(ctypes.c_long(438), ctypes.c_long(pidfd), ctypes.c_long(fd), ctypes.c_long(0)) >= 0:
                escaped.append(f"descriptor {fd} of {pid}")
        for name, number, arguments in (
            ("process_mrelease", 448, (pidfd, 0)),
            ("setns", 308 if os.uname().machine == "x86_64" else 268, (pidfd, 0x10000000)),
        ):
            if libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments)) >= 0:
                escaped.append(f"{name} {pid}")
        os.close(pidfd)
    return {"escaped": escaped}
