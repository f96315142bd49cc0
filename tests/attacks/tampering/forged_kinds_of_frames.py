# what: replies with frames of every kind but the two that are replies
# expect: suspect
import os
import struct
import sys
import time

from evolve_guest import codec


def solve(numbers):
    frame = sys._getframe()
    while "nonce" not in frame.f_locals:
        frame = frame.f_back
    body = codec.encode(sum(numbers))
    for kind in (1, 2, 3, 4, 0, 7, 255):
        os.write(3, struct.pack("<BIQ", kind, len(body), frame.f_locals["nonce"]) + body)
    time.sleep(0.2)
