# what: sends urgent data beside the line of calls, which comes ahead of everything and reads like nothing
# expect: valid | suspect | crash | timeout
# score: 1.0

import os
import socket


def solve(numbers):
    sock = socket.socket(fileno=os.dup(3))
    for _ in range(3):
        try:
            sock.send(b"\x05", socket.MSG_OOB)
        except OSError:
            pass
    return sum(numbers)
