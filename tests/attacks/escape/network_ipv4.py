# what: connects out over IPv4, by TCP and by UDP
# expect: valid
# escaped: 0

import socket

PLACES = [
    ("192.0.2.1", 80),
    ("1.1.1.1", 53),
    ("8.8.8.8", 443),
    ("10.0.0.1", 22),
    ("169.254.169.254", 80),
    ("255.255.255.255", 9),
]


def solve(numbers):
    escaped = []
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        for place in PLACES:
            try:
                with socket.socket(socket.AF_INET, kind) as sock:
                    sock.setblocking(False)
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
                    sock.connect(place)
            except BlockingIOError:  # under way: there is a route
                pass
            except OSError:
                continue
            escaped.append(f"{kind.name} {place}")
    return {"escaped": escaped}
