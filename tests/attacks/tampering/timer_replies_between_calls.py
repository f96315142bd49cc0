# what: a timer sends a reply between two calls
# expect: suspect
# judge: timed
import os
import struct
import threading

from evolve_guest import codec


def reply():
    body = codec.encode({"score": 999.0})
    os.write(3, struct.pack("<BIQ", 5, len(body), 0) + body)


def solve(numbers):
    threading.Timer(0.01, reply).start()
    return sum(numbers)
