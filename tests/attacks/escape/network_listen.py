# what: listens for connections, for a partner outside to come and fetch
# expect: valid
# escaped: 0

import socket


def solve(numbers):
    escaped = []
    for family, place in (
        (socket.AF_INET, ("0.0.0.0", 0)),
        (socket.AF_INET6, ("::", 0)),
        (socket.AF_UNIX, "/tmp/evolve-attack-door"),
    ):
        try:
            with socket.socket(family) as sock:
                sock.bind(place)
                sock.listen(1)
                escaped.append(f"listening at {sock.getsockname()}")
        except OSError:
            pass
    return {"escaped": escaped}
