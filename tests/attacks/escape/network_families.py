# what: asks for a socket of every family there is: packet, netlink, vsock, crypto, Bluetooth and so on
# expect: valid
# escaped: 0
# core

import socket


def solve(numbers):
    escaped = []
    for family in range(1, 47):
        for kind in (1, 2, 3, 5):
            try:
                socket.socket(family, kind, 0).close()
                escaped.append(f"family {family} type {kind}")
            except OSError:
                pass
    return {"escaped": escaped}
