# what: POSIX message queues, which outlive their makers
# expect: valid
# escaped: 0

import ctypes
import os


def solve(numbers):
    libc = ctypes.CDLL(None)
    got = []
    for number in range(8):
        queue = libc.mq_open(b"/evolve-attack-%d" % number, os.O_RDWR | os.O_CREAT, 0o600, None)
        if queue >= 0:
            got.append("message queue")
            for _ in range(10):
                libc.mq_send(queue, b"x" * 8000, 8000, 0)
    return {"value": sum(numbers), "escaped": got}
