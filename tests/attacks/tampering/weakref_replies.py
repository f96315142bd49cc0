# what: a weak reference's callback and a finalizer send replies when the answer is gone
# expect: suspect
# judge: timed
import os
import struct
import weakref

from evolve_guest import codec


class Answer(dict):
    pass


def reply(*given):
    body = codec.encode({"score": 999.0})
    os.write(3, struct.pack("<BIQ", 5, len(body), 0) + body)


def solve(numbers):
    answer = Answer(value=sum(numbers))
    weakref.finalize(answer, reply)
    return answer
