# what: a callback of the garbage collector sends a reply whenever it runs
# expect: suspect
import gc
import os
import struct

from evolve_guest import codec


def reply(phase, details):
    body = codec.encode({"score": 999.0})
    os.write(3, struct.pack("<BIQ", 5, len(body), 0) + body)


def solve(numbers):
    gc.callbacks.append(reply)
    gc.set_threshold(1, 1, 1)
    [[] for _ in range(1000)]
    return sum(numbers)
