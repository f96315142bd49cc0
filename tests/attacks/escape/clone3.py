# what: makes new namespaces by clone3, whose flags lie in memory where no filter sees them
# expect: valid
# escaped: 0

import ctypes
import os
import struct

CLONE3, SPACES = 435, (0x10000000, 0x10020000, 0x50000000, 0x30000000, 0x2000000, 0)


def solve(numbers):
    libc = ctypes.CDLL(None, use_errno=True)
    escaped = []
    for flags in SPACES:
        arguments = struct.pack("8Q", flags, 0, 0, 0, 17, 0, 0, 0)
        pid = libc.syscall(ctypes.c_long(CLONE3), arguments, ctypes.c_long(len(arguments)))
        if pid == 0:
            os._exit(0)
        if pid > 0:
            os.waitpid(pid, 0)
            escaped.append(hex(flags))
    return {"escaped": escaped}
