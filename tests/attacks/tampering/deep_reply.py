# what: sends, by hand, a hundred thousand lists in each other, so that the reader runs out of stack
# expect: output
import os
import struct
import sys
import time


def solve(numbers):
    frame = sys._getframe()
    while "nonce" not in frame.f_locals:
        frame = frame.f_back
    body = b"l\x01\x00\x00\x00" * 100_000 + b"N"
    data = memoryview(struct.pack("<BIQ", 5, len(body), frame.f_locals["nonce"]) + body)
    while data:
        data = data[os.write(3, data) :]
    time.sleep(0.2)
