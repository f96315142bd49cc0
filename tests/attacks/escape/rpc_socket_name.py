# what: gives the call socket, which was made outside, a name in the abstract names of the namespace it was made in
# expect: valid
# escaped: 0

import ctypes
import os
import struct


def solve(numbers):
    libc = ctypes.CDLL(None, use_errno=True)
    address = struct.pack("H", 1) + b"\0evolve-attack-" + str(os.getpid()).encode()
    return {"escaped": ["a name"] if libc.bind(3, address, len(address)) == 0 else []}
