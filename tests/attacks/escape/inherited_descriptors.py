# what: tries every descriptor it may have inherited: reads, looks around, sends descriptors, asks where it leads
# expect: valid
# escaped: 0
# core

import array
import os
import select
import socket

KNOWN = (0, 1, 2, 3)  # nothing, what is printed (twice), and the calls


def solve(numbers):
    escaped = []
    for fd in range(1024):
        try:
            found = os.fstat(fd)
        except OSError:
            continue
        if fd not in KNOWN:
            escaped.append(f"{fd} is open, mode {found.st_mode:o}")
        for name, act in {
            "is read": lambda fd: fd != 3 and select.select([fd], [], [], 0)[0] and os.read(fd, 1),
            "is a folder": os.listdir,
            "leads upward": lambda fd: os.close(os.open("..", os.O_RDONLY, dir_fd=fd)) or True,
            "sends descriptors": lambda fd: fd != 3 and send(fd),
        }.items():
            try:
                if act(fd):
                    escaped.append(f"{fd} {name}")
            except OSError:
                pass
    return {"escaped": escaped}


def send(fd):
    copy = os.dup(fd)
    try:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, copy)
        return sock.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0]))])
    finally:
        os.close(copy)
