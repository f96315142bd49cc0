# what: finds the number of its call in the stack and replies by hand, with a score instead of an answer
# expect: valid | suspect
# score: 0
import os
import struct
import sys
import time

from evolve_guest import codec


def solve(numbers):
    frame = sys._getframe()
    while "nonce" not in frame.f_locals:
        frame = frame.f_back
    body = codec.encode({"status": "valid", "score": 999.0, "metrics": {"score": 999.0}})
    os.write(3, struct.pack("<BIQ", 5, len(body), frame.f_locals["nonce"]) + body)
    time.sleep(0.2)
