# what: sends, by hand, an array whose extents multiply to more than any memory
# expect: output
import os
import struct
import sys
import time


def solve(numbers):
    frame = sys._getframe()
    while "nonce" not in frame.f_locals:
        frame = frame.f_back
    body = b"a\x03\x03<f8" + struct.pack("<qqq", 0, 1 << 62, 1 << 62)
    os.write(3, struct.pack("<BIQ", 5, len(body), frame.f_locals["nonce"]) + body)
    time.sleep(0.2)
