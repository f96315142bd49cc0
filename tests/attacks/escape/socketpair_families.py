# what: asks for pairs of sockets of every family, for which the kernel loads the modules it has
# expect: valid
# escaped: 0

import errno
import socket


def solve(numbers):
    escaped = []
    for family in range(2, 47):
        for kind in (socket.SOCK_STREAM, socket.SOCK_SEQPACKET):
            try:
                for sock in socket.socketpair(family, kind):
                    sock.close()
                escaped.append(f"a pair of family {family}")
            except OSError as error:
                # Any other error says that the kernel went to look for it.
                escaped += [] if error.errno in (errno.EPERM, errno.EACCES) else [f"the kernel asked for {family}"]
    return {"escaped": escaped}
