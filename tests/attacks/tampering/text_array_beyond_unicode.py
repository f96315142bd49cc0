# what: sends, by hand, an array of text with a character that does not exist, so that the scorer fails when it looks
# expect: output
import os
import struct
import sys
import time


def solve(numbers):
    frame = sys._getframe()
    while "nonce" not in frame.f_locals:
        frame = frame.f_back
    body = b"g\x03\x00<U1\xff\xff\xff\xff"
    os.write(3, struct.pack("<BIQ", 5, len(body), frame.f_locals["nonce"]) + body)
    time.sleep(0.2)
