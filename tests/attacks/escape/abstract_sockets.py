# what: reaches abstract Unix sockets, which have no file for a file rule to forbid
# expect: valid
# escaped: 0

import socket

NAMES = (
    "\0/tmp/.X11-unix/X0",
    "\0/tmp/dbus-evolve",
    "\0/org/freedesktop/systemd1/notify",
    "\0/containerd-shim/x.sock",
    "\0evolve-attack",
)


def solve(numbers):
    escaped = []
    for name in NAMES:
        for act in ("connect", "bind"):
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                try:
                    with socket.socket(socket.AF_UNIX, kind) as sock:
                        getattr(sock, act)(name)
                    escaped.append(f"{act} {name[1:]}")
                except OSError:
                    pass
    return {"escaped": escaped}
