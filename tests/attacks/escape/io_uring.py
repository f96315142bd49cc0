# what: sets up io_uring, which works past system-call filters
# expect: valid
# escaped: 0

import ctypes


def solve(numbers):
    libc = ctypes.CDLL(None, use_errno=True)
    escaped = []
    for entries, flags in ((1, 0), (8, 0), (8, 2), (8, 1 << 6)):
        parameters = ctypes.create_string_buffer(bytes(8) + flags.to_bytes(4, "little") + bytes(108))
        if libc.syscall(ctypes.c_long(425), ctypes.c_long(entries), parameters) >= 0:
            escaped.append(f"io_uring {flags}")
    context = ctypes.c_ulong(0)
    if (
        libc.syscall(
            ctypes.c_long(206 if ctypes.sizeof(ctypes.c_long) == 8 else 0), ctypes.c_long(4), ctypes.byref(context)
        )
        >= 0
    ):
        escaped.append("the older asynchronous input and output")
    return {"escaped": escaped}
