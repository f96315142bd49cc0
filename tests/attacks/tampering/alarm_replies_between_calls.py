# what: the kernel's interval timer interrupts the guest between two calls and sends a reply
# expect: suspect
# judge: timed
import os
import signal
import struct

from evolve_guest import codec


def reply(number, frame):
    body = codec.encode({"score": 999.0})
    os.write(3, struct.pack("<BIQ", 5, len(body), 0) + body)


def solve(numbers):
    signal.signal(signal.SIGALRM, reply)
    signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
    return sum(numbers)
