# what: begins a true reply and sends one byte of it every now and then
# expect: timeout | suspect
# limits: wall=0.4

import os
import struct
import sys
import time


def solve(numbers):
    os.write(3, struct.pack("<BIQ", 5, 1_000_000, nonce()))
    while True:
        os.write(3, b"l")
        time.sleep(0.02)


def nonce():
    frame = sys._getframe()
    while "nonce" not in frame.f_locals:
        frame = frame.f_back
    return frame.f_locals["nonce"]
