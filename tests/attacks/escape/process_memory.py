# what: reads and writes the memory of other processes by process_vm_readv and its relatives
# expect: valid
# escaped: 0

import ctypes
import errno
import os

REACHED = (errno.EFAULT, errno.EINVAL, errno.EIO)


def solve(numbers):
    libc = ctypes.CDLL(None, use_errno=True)
    held = ctypes.create_string_buffer(8)
    own = (ctypes.c_void_p * 2)(ctypes.addressof(held), 8)
    theirs = (ctypes.c_void_p * 2)(0, 8)
    one, none = ctypes.c_ulong(1), ctypes.c_ulong(0)
    escaped = []
    for pid in (pid for pid in range(1, 3000) if pid != os.getpid()):
        for name in ("process_vm_readv", "process_vm_writev"):
            if getattr(libc, name)(pid, own, one, theirs, one, none) >= 0 or ctypes.get_errno() == errno.EFAULT:
                escaped.append(f"{name} {pid}")
    x86 = os.uname().machine == "x86_64"
    for name, number, arguments in (
        ("kcmp", 312 if x86 else 272, (os.getppid() or 1, os.getpid(), 1, 0, 0)),
        ("move_pages", 279 if x86 else 239, (os.getppid() or 1, 0, 0, 0, 0, 0)),
    ):
        if os.getppid() and libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments)) >= 0:
            escaped.append(name)
    return {"escaped": escaped}
