# what: begins a true reply that says four gigabytes and writes for ever
# expect: output | suspect | timeout

import os
import struct
import sys


def solve(numbers):
    os.write(3, struct.pack("<BIQ", 5, 0xFFFFFFFF, nonce()))
    for _ in range(2000):
        os.write(3, bytes(1 << 20))


def nonce():
    frame = sys._getframe()
    while "nonce" not in frame.f_locals:
        frame = frame.f_back
    return frame.f_locals["nonce"]
