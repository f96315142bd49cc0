# what: lists the mounts, whose sources and options tell about the machine
# expect: valid
# escaped: 0

import ctypes
import struct

STATMOUNT, LISTMOUNT = 457, 458
LSMT_ROOT = 0xFFFFFFFFFFFFFFFF
ROOT_AND_SOURCE, BASIC, FS, ALL = 0x208, 1, 0x20, 0x3FF


def solve(numbers):
    libc = ctypes.CDLL(None, use_errno=True)
    found = (ctypes.c_uint64 * 256)()
    request = struct.pack("IIQQQ", 32, 0, LSMT_ROOT, 0, 0)
    count = libc.syscall(ctypes.c_long(LISTMOUNT), request, found, ctypes.c_long(256), ctypes.c_long(0))
    escaped = [f"{count} mounts"] if count > 0 else []
    for mount in found[: max(0, count)]:
        answer = ctypes.create_string_buffer(8192)
        if (
            libc.syscall(
                ctypes.c_long(STATMOUNT),
                struct.pack("IIQQQ", 32, 0, mount, ROOT_AND_SOURCE, 0),
                answer,
                ctypes.c_long(8192),
                ctypes.c_long(0),
            )
            == 0
        ):
            escaped.append(" ".join(word.decode("latin-1") for word in answer.raw[512:].split(b"\0") if word))
    return {"escaped": escaped}
