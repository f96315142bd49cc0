# what: replies with a failure whose status is a list, which no set can look up
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
    body = codec.encode((["valid"], "score: 999.0"))
    os.write(3, struct.pack("<BIQ", 6, len(body), frame.f_locals["nonce"]) + body)
    time.sleep(0.2)
