# what: switches off the randomness of addresses and makes all memory executable
# expect: valid
# escaped: 0

import ctypes


def solve(numbers):
    libc = ctypes.CDLL(None, use_errno=True)
    escaped = []
    for what in (0x0040000, 0x0400000, 0x0100000, 8, 0):
        if libc.personality(ctypes.c_ulong(what)) >= 0:
            escaped.append(hex(what))
    return {"escaped": escaped}
