# what: replies by hand and then returns, which makes a second reply
# expect: suspect
# judge: timed
import os
import struct
import sys

from evolve_guest import codec


def solve(numbers):
    frame = sys._getframe()
    while "nonce" not in frame.f_locals:
        frame = frame.f_back
    body = codec.encode(sum(numbers))
    os.write(3, struct.pack("<BIQ", 5, len(body), frame.f_locals["nonce"]) + body)
    return sum(numbers)
