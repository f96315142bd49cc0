# what: attaches to other processes as a debugger
# expect: valid
# escaped: 0

import ctypes
import os

SEIZE, DETACH, TRACEME, PEEKUSER = 0x4206, 17, 0, 3


def solve(numbers):
    libc = ctypes.CDLL(None, use_errno=True)
    escaped = []
    for pid in range(1, 3000):
        if pid == os.getpid():
            continue
        if libc.ptrace(SEIZE, ctypes.c_long(pid), None, None) == 0:
            escaped.append(f"process {pid}")
            libc.ptrace(DETACH, ctypes.c_long(pid), None, None)
    if (child := os.fork()) == 0:
        os._exit(3 if libc.ptrace(TRACEME, 0, None, None) == 0 else 0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3:
        escaped.append("its parent became a debugger")
    return {"escaped": escaped}
