# what: connects out over IPv6, and by UDP-Lite, SCTP and multicast
# expect: valid
# escaped: 0

import socket

TRIES = [
    (socket.AF_INET6, socket.SOCK_STREAM, 0, ("2001:db8::1", 80)),
    (socket.AF_INET6, socket.SOCK_DGRAM, 0, ("2606:4700:4700::1111", 53)),
    (socket.AF_INET6, socket.SOCK_DGRAM, 0, ("ff02::1", 9)),
    (socket.AF_INET6, socket.SOCK_STREAM, 0, ("::ffff:192.0.2.1", 80)),
    (socket.AF_INET, socket.SOCK_DGRAM, 136, ("192.0.2.1", 9)),
    (socket.AF_INET, socket.SOCK_STREAM, 132, ("192.0.2.1", 9)),
    (socket.AF_INET, socket.SOCK_STREAM, 262, ("192.0.2.1", 9)),
    (socket.AF_INET, socket.SOCK_DGRAM, 0, ("224.0.0.1", 9)),
]


def solve(numbers):
    escaped = []
    for family, kind, protocol, place in TRIES:
        try:
            with socket.socket(family, kind, protocol) as sock:
                sock.setblocking(False)
                sock.connect(place)
        except BlockingIOError:
            pass
        except OSError:
            continue
        escaped.append(f"{family} {protocol} {place[0]}")
    return {"escaped": escaped}
