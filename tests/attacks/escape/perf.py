# what: counts what others do on the processors
# expect: valid
# escaped: 0

import ctypes
import os
import struct


def solve(numbers):
    libc = ctypes.CDLL(None, use_errno=True)
    number = 298 if os.uname().machine == "x86_64" else 241
    escaped = []
    for kind, config in ((1, 0), (0, 0), (2, 0)):
        for pid, processor in ((-1, 0), (0, -1), (1, -1), (os.getppid(), -1)):
            attributes = struct.pack("IIQQQQQ", kind, 112, config, 0, 0, 0, 0) + bytes(64)
            if libc.syscall(ctypes.c_long(number), attributes, *map(ctypes.c_long, (pid, processor, -1, 0))) >= 0:
                escaped.append(f"event {kind} of process {pid}")
    return {"escaped": escaped}
