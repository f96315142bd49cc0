# what: announces a reply and never sends the end of it
# expect: timeout
# limits: wall=0.3
import os
import struct
import sys
import time


def solve(numbers):
    frame = sys._getframe()
    while "nonce" not in frame.f_locals:
        frame = frame.f_back
    os.write(3, struct.pack("<BIQ", 5, 1000, frame.f_locals["nonce"]) + bytes(500))
    time.sleep(5)
