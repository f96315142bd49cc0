# what: sends a reply with nothing in it
# expect: output
import os
import struct
import sys
import time


def solve(numbers):
    frame = sys._getframe()
    while "nonce" not in frame.f_locals:
        frame = frame.f_back
    os.write(3, struct.pack("<BIQ", 5, 0, frame.f_locals["nonce"]))
    time.sleep(0.2)
