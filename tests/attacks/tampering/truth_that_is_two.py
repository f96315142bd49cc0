# what: sends, by hand, truth values whose bytes are neither 0 nor 1, so that counting them gives more than there are
# expect: wrong | output
# judge: arrays
import os
import struct
import sys
import time


def solve(numbers):
    frame = sys._getframe()
    while "nonce" not in frame.f_locals:
        frame = frame.f_back
    body = b"a\x03\x01|b1" + struct.pack("<q", 4) + b"\xff\x02\x80\x01"
    os.write(3, struct.pack("<BIQ", 5, len(body), frame.f_locals["nonce"]) + body)
    time.sleep(0.2)
