# what: has, takes or inherits capabilities
# expect: valid
# escaped: 0

import ctypes
import struct

PR_CAP_AMBIENT, RAISE, PR_SET_SECUREBITS, PR_GET_NO_NEW_PRIVS, PR_SET_NO_NEW_PRIVS = 47, 2, 28, 39, 38


def solve(numbers):
    libc = ctypes.CDLL(None, use_errno=True)
    escaped = []
    head, held = struct.pack("Ii", 0x20080522, 0), ctypes.create_string_buffer(24)
    if libc.capget(head, held) == 0 and any(held.raw):
        escaped.append(f"it has {held.raw.hex()}")
    for bits in (0xFFFFFFFF, 1 << 21, 1 << 6):
        for shape in ((bits, bits, bits), (0, bits, 0), (0, 0, bits), (bits, 0, 0)):
            if libc.capset(head, struct.pack("6I", *shape, 0, 0, 0)) == 0:
                escaped.append(f"capset {shape}")
    for capability in range(41):
        if libc.prctl(PR_CAP_AMBIENT, RAISE, capability, 0, 0) == 0:
            escaped.append(f"ambient {capability}")
    if libc.prctl(PR_SET_SECUREBITS, 1, 0, 0, 0) == 0:
        escaped.append("secure bits")
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0 or libc.prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1:
        escaped.append("new privileges")
    return {"escaped": escaped}
