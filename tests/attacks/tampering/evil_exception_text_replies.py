# what: raises an exception whose text sends a reply of its own
# expect: suspect
import os
import struct
import sys

from evolve_guest import codec


class Evil(Exception):
    def __str__(self):
        frame = sys._getframe()
        while "nonce" not in frame.f_locals:
            frame = frame.f_back
        body = codec.encode({"score": 999.0})
        os.write(3, struct.pack("<BIQ", 5, len(body), frame.f_locals["nonce"]) + body)
        return "nothing happened"


def solve(numbers):
    raise Evil
