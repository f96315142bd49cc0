# what: a dict of a hundred thousand keys with one hash: reading it takes for ever
# expect: output | timeout
# slow

import os
import struct
import sys
import time


def solve(numbers):
    keys = [(n * (2**61 - 1)).to_bytes(12, "little") for n in range(1, 200_000)]
    body = b"m" + struct.pack("<I", len(keys)) + b"".join(b"I\x0c\x00\x00\x00" + key + b"N" for key in keys)
    data = memoryview(struct.pack("<BIQ", 5, len(body), nonce()) + body)
    while data:
        data = data[os.write(3, data) :]
    time.sleep(60)


def nonce():
    frame = sys._getframe()
    while "nonce" not in frame.f_locals:
        frame = frame.f_back
    return frame.f_locals["nonce"]
