# what: sends sockets through themselves, circles of descriptors in flight that nobody holds any more
# expect: valid
# score: 1.0

import array
import socket


def solve(numbers):
    try:
        for _ in range(40):
            one, other = socket.socketpair()
            fds = array.array("i", [one.fileno(), other.fileno(), 3])
            for _ in range(4):
                one.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
            one.close()
            other.close()
    except OSError:  # too many in flight: a circle is there all the same
        pass
    return sum(numbers)
