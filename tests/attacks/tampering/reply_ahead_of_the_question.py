# what: puts replies into the socket while it loads, for questions nobody has asked
# expect: suspect
import os
import struct

from evolve_guest import codec

body = codec.encode({"score": 999.0})
for nonce in (0, 1, 2**64 - 1):
    os.write(3, struct.pack("<BIQ", 5, len(body), nonce) + body)


def solve(numbers):
    return sum(numbers)
