# what: sets every option of its call socket, turns on signals about it, and asks who is at the other end
# expect: valid | crash | suspect | timeout
# score: 1.0
# limits: wall=0.5

import fcntl
import os
import socket


def solve(numbers):
    sock = socket.socket(fileno=os.dup(3))
    for option in range(1, 90):
        for value in (1, 2**30):
            try:
                if option not in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                    sock.setsockopt(socket.SOL_SOCKET, option, value)
            except OSError:
                pass
    for flags in (os.O_ASYNC, os.O_DIRECT, os.O_APPEND, 0):
        for fd in (1, 2, 3):
            try:
                fcntl.fcntl(fd, fcntl.F_SETFL, flags & ~os.O_NONBLOCK)
                fcntl.fcntl(fd, 1031, 1 << 20)  # a larger pipe
            except OSError:
                pass
    return sum(numbers)
