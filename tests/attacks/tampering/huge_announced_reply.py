# what: announces a reply of four gigabytes, for the scorer to make room for
# expect: output
import os
import struct
import sys
import time


def solve(numbers):
    frame = sys._getframe()
    while "nonce" not in frame.f_locals:
        frame = frame.f_back
    os.write(3, struct.pack("<BIQ", 5, 2**32 - 1, frame.f_locals["nonce"]) + bytes(500))
    time.sleep(1)
