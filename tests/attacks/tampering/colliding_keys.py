# what: sends, by hand, a dict of keys with one hash, which takes for ever to read
# expect: output
# slow
import os
import struct
import sys
import time


def solve(numbers):
    frame = sys._getframe()
    while "nonce" not in frame.f_locals:
        frame = frame.f_back
    keys = [(n * (2**61 - 1)).to_bytes(12, "little") for n in range(1, 200_000)]
    body = b"m" + struct.pack("<I", len(keys)) + b"".join(b"I\x0c\x00\x00\x00" + key + b"N" for key in keys)
    data = memoryview(struct.pack("<BIQ", 5, len(body), frame.f_locals["nonce"]) + body)
    while data:
        data = data[os.write(3, data) :]
    time.sleep(60)
