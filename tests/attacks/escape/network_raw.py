# what: raw and packet sockets, which forge and listen to traffic
# expect: valid
# escaped: 0

import socket


def solve(numbers):
    escaped = []
    tries = [(socket.AF_INET, socket.SOCK_RAW, protocol) for protocol in (1, 6, 17, 47, 255)]
    tries += [(socket.AF_INET6, socket.SOCK_RAW, 58), (socket.AF_PACKET, socket.SOCK_RAW, 0x300)]
    tries += [(socket.AF_PACKET, socket.SOCK_DGRAM, 0x300), (socket.AF_INET, socket.SOCK_DGRAM, 1)]
    tries += [(socket.AF_NETLINK, socket.SOCK_RAW, protocol) for protocol in range(23)]
    for family, kind, protocol in tries:
        try:
            socket.socket(family, kind, protocol).close()
            escaped.append(f"family {family} protocol {protocol}")
        except OSError:
            pass
    return {"escaped": escaped}
