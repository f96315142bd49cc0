# what: has its own calls wait for a listener that never answers, which once made processes hard to kill
# expect: timeout | crash
# limits: wall=0.4

import ctypes
import os
import struct


def solve(numbers):
    libc = ctypes.CDLL(None, use_errno=True)
    number = 102 if os.uname().machine == "x86_64" else 174  # getuid waits; everything else is allowed
    lines = [(0x20, 0, 0, 0), (0x15, 0, 1, number), (0x6, 0, 0, 0x7FC00000), (0x6, 0, 0, 0x7FFF0000)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in lines))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(lines), ctypes.addressof(code)))
    libc.prctl(38, 1, 0, 0, 0)
    listener = libc.syscall(ctypes.c_long(317 if number == 102 else 277), ctypes.c_long(1), ctypes.c_long(8), program)
    if listener < 0:
        os._exit(1)
    os.getuid()
