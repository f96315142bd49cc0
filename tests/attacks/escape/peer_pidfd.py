# what: gets a descriptor of the process at the other end of its call socket, and uses it
# expect: valid
# escaped: 0

import array
import ctypes
import fcntl
import os
import signal
import socket
import struct

SO_PEERPIDFD, PIDFD_GET_INFO, PIDFD_GET_NAMESPACES = 77, 0xC040FF0B, range(0xFF01, 0xFF0B)


def solve(numbers):
    escaped = []
    libc = ctypes.CDLL(None, use_errno=True)
    sock = socket.socket(fileno=os.dup(3))
    try:
        pidfd = struct.unpack("i", sock.getsockopt(socket.SOL_SOCKET, SO_PEERPIDFD, 4))[0]
    except OSError:
        return {"escaped": []}
    for number in (0, signal.SIGCONT):
        try:
            signal.pidfd_send_signal(pidfd, number)
            escaped.append(f"signal {number}")
        except OSError:
            pass
    for request in PIDFD_GET_NAMESPACES:
        try:
            escaped.append(f"a namespace descriptor {fcntl.ioctl(pidfd, request, 0)}")
        except OSError:
            pass
    for name, number, arguments in (
        ("pidfd_getfd", 438, (pidfd, 0, 0)),
        ("setns", 308, (pidfd, 0x40000000)),
        ("process_madvise", 440, (pidfd, 0, 0, 21, 0)),
    ):
        if libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments)) >= 0:
            escaped.append(name)
    return {"escaped": escaped}
