# what: loads programs into the kernel
# expect: valid
# escaped: 0

import ctypes
import os
import socket
import struct


def solve(numbers):
    libc = ctypes.CDLL(None, use_errno=True)
    escaped = []
    number = 321 if os.uname().machine == "x86_64" else 280
    for name, command, attributes in (
        ("a map", 0, struct.pack("IIII", 2, 4, 8, 1)),
        ("a token", 36, bytes(16)),
        ("identifiers", 11, bytes(16)),
    ):
        held = ctypes.create_string_buffer(attributes + bytes(128 - len(attributes)))
        if libc.syscall(ctypes.c_long(number), ctypes.c_long(command), held, ctypes.c_long(128)) >= 0:
            escaped.append(name)
    one, other = socket.socketpair()
    code = ctypes.create_string_buffer(struct.pack("HBBI", 0x6, 0, 0, 0xFFFF))
    try:
        one.setsockopt(socket.SOL_SOCKET, 51, struct.pack("HL", 1, ctypes.addressof(code)))  # a packet filter in eBPF
    except OSError:
        pass
    one.close()
    other.close()
    return {"escaped": escaped}
