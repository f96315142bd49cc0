# what: asks the call socket, which was made outside, for the network interfaces of the namespace it was made in
# expect: valid
# escaped: 0

import fcntl
import struct

SIOCGIFNAME, SIOCGIFHWADDR, SIOCGIFINDEX, SIOCGIFMTU, SIOCGIFTXQLEN, SIOCGIFMAP = (
    0x8910,
    0x8927,
    0x8933,
    0x8921,
    0x8942,
    0x8970,
)


def solve(numbers):
    escaped = []
    for index in range(1, 64):
        try:
            name = fcntl.ioctl(3, SIOCGIFNAME, struct.pack("16si20x", b"", index))[:16].rstrip(b"\0")
        except OSError:
            continue
        if name in (
            b"lo",
            b"tunl0",
            b"sit0",
            b"gre0",
            b"gretap0",
            b"erspan0",
            b"ip6tnl0",
            b"ip6_vti0",
            b"ip_vti0",
            b"ip6gre0",
        ):
            continue  # an empty namespace has those
        try:
            address = fcntl.ioctl(3, SIOCGIFHWADDR, struct.pack("16s24x", name))[18:24].hex(":")
        except OSError:
            address = "?"
        escaped.append(f"{name.decode()} has {address}")
    return {"escaped": escaped}
