# what: answers the second question under the number of the first
# expect: suspect
# judge: twice
import os
import struct
import sys
import time

from evolve_guest import codec

numbers_of_calls = []


def solve(numbers):
    frame = sys._getframe()
    while "nonce" not in frame.f_locals:
        frame = frame.f_back
    numbers_of_calls.append(frame.f_locals["nonce"])
    if len(numbers_of_calls) > 1:
        body = codec.encode(sum(numbers))
        os.write(3, struct.pack("<BIQ", 5, len(body), numbers_of_calls[0]) + body)
        time.sleep(0.2)
    return sum(numbers)
