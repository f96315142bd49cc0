# what: joins the namespaces of others, by files of /proc, by process descriptors and by its sockets
# expect: valid
# escaped: 0

import ctypes
import fcntl
import os
import socket

SIOCGSKNS = 0x894C


def solve(numbers):
    libc = ctypes.CDLL(None, use_errno=True)
    escaped, fds = [], []
    for name in ("user", "mnt", "net", "pid", "ipc", "uts", "cgroup"):
        for pid in ("1", "self", str(os.getppid())):
            try:
                fds.append(os.open(f"/proc/{pid}/ns/{name}", os.O_RDONLY))
                escaped += [f"{name} of {pid} is in sight"] if pid == "1" else []
            except OSError:
                pass
    for pid in (1, os.getppid(), os.getpid()):
        try:
            fds.append(os.pidfd_open(pid))
        except OSError:
            pass
    for end in (3, *(sock.detach() for sock in socket.socketpair())):
        try:
            fds.append(fcntl.ioctl(end, SIOCGSKNS, 0))
            escaped.append("the network namespace of a socket")
        except OSError:
            pass
    for fd in fds:
        for kind in (0, 0x40000000, 0x20000, 0x10000000, 0x20000000):
            if libc.setns(fd, kind) == 0:
                escaped.append(f"setns {kind:x}")
        os.close(fd)
    return {"escaped": escaped}
