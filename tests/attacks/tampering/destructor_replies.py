# what: the answer's destructor runs after the answer was written, and sends another
# expect: suspect
# judge: timed
import os
import struct

from evolve_guest import codec


class Last(list):
    def __del__(self):
        body = codec.encode({"score": 999.0})
        os.write(3, struct.pack("<BIQ", 5, len(body), 0) + body)


def solve(numbers):
    answer = Last()
    answer.append(sum(numbers))
    return {"value": sum(numbers), "seen": answer}
