# what: makes new namespaces, in which it would be its own administrator
# expect: valid
# escaped: 0
# core

import ctypes
import os

SPACES = {
    "user": 0x10000000,
    "mount": 0x20000,
    "net": 0x40000000,
    "pid": 0x20000000,
    "ipc": 0x8000000,
    "uts": 0x4000000,
    "cgroup": 0x2000000,
    "time": 0x80,
}
UNSHARE, CLONE = (272, 56) if os.uname().machine == "x86_64" else (97, 220)


def solve(numbers):
    libc = ctypes.CDLL(None, use_errno=True)
    escaped = []
    for name, flag in SPACES.items():
        for flags in (flag, flag | SPACES["user"], flag | 0x200):
            if libc.syscall(ctypes.c_long(UNSHARE), ctypes.c_ulong(flags)) == 0 and name != "time":
                escaped.append(f"unshare {name}")
            if name != "time":
                pid = libc.syscall(ctypes.c_long(CLONE), ctypes.c_ulong(flags & ~0x200 | 17), None, None, None, None)
                if pid == 0:
                    os._exit(0)
                if pid > 0:
                    os.waitpid(pid, 0)
                    escaped.append(f"clone {name}")
    return {"escaped": escaped}
