# what: opens files until there are no more descriptors, and passes some on to sockets in flight
# expect: valid
# escaped: 0

import os
import socket


def solve(numbers):
    fds, flying = [], 0
    try:
        left, _ = socket.socketpair()
        left.setblocking(False)
        while flying < 5000:
            fd = os.open("/dev/null", os.O_RDONLY)
            socket.send_fds(left, [b"x"], [fd])
            os.close(fd)
            flying += 1
    except OSError:
        pass
    try:
        while len(fds) < 5000:
            fds.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        pass
    got = ["descriptors"] * (len(fds) > 1024) + ["descriptors in flight"] * (flying > 1024)
    return {"value": sum(numbers), "escaped": got}
