# what: installs a filter of its own that answers every later call with an error, so that it cannot even end
# expect: crash | timeout | suspect | output

import ctypes
import struct


def solve(numbers):
    libc = ctypes.CDLL(None, use_errno=True)
    code = ctypes.create_string_buffer(struct.pack("HBBI", 0x6, 0, 0, 0x00050000 | 11))  # EAGAIN, whatever is asked
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", 1, ctypes.addressof(code)))
    libc.prctl(38, 1, 0, 0, 0)
    libc.prctl(22, 2, program, 0, 0)
    return sum(numbers)
