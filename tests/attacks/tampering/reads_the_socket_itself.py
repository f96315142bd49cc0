# what: a thread reads the questions from the socket before the guest does, and answers in its place
# expect: valid | timeout | suspect | output
# score: 1.0
# judge: timed
# limits: wall=0.5
import os
import struct
import threading

from evolve_guest import codec


def steal():
    data = os.read(3, 65536)
    kind, size, nonce = struct.unpack_from("<BIQ", data)
    numbers = codec.decode(data[13 : 13 + size])[1][0]
    body = codec.encode(sum(numbers))
    os.write(3, struct.pack("<BIQ", 5, len(body), nonce) + body)


def solve(numbers):
    threading.Thread(target=steal, daemon=True).start()
    return sum(numbers)
