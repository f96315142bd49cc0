# what: locks itself out of everything, in the hope that whoever cleans up is locked out too
# expect: valid
# score: 1.0

import ctypes
import struct


def solve(numbers):
    libc = ctypes.CDLL(None, use_errno=True)
    rights = struct.pack("QQQ", (1 << 13) - 1, 0, 0)
    for _ in range(20):
        ruleset = libc.syscall(ctypes.c_long(444), rights, ctypes.c_long(8), ctypes.c_long(0))
        if ruleset >= 0:
            libc.prctl(38, 1, 0, 0, 0)
            libc.syscall(ctypes.c_long(446), ctypes.c_long(ruleset), ctypes.c_long(0))
    return sum(numbers)
