# what: types into the terminal of whoever started the engine
# expect: valid
# escaped: 0

import fcntl
import os
import struct

TIOCSTI, TIOCLINUX, TIOCGPGRP = 0x5412, 0x541C, 0x540F


def solve(numbers):
    fds = list(range(16))
    for path in ("/dev/tty", "/dev/console", "/dev/pts/0", "/dev/pts/1"):
        try:
            fds.append(os.open(path, os.O_RDWR | os.O_NOCTTY))
        except OSError:
            pass
    escaped = []
    for fd in fds:
        if os.isatty(fd):
            escaped.append(f"{fd} is a terminal")
        for request, argument in ((TIOCSTI, b"#"), (TIOCLINUX, struct.pack("B", 6)), (TIOCGPGRP, bytes(4))):
            try:
                fcntl.ioctl(fd, request, argument)
                escaped.append(f"{fd} answers {request:x}")
            except OSError:
                pass
    return {"escaped": escaped}
