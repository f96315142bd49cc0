# what: talks to the container engine, which can do anything on the machine
# expect: valid
# escaped: 0
# core

import os
import socket

PLACES = (
    "/var/run/docker.sock",
    "/run/docker.sock",
    "/run/containerd/containerd.sock",
    "/run/podman/podman.sock",
    "/run/crio/crio.sock",
    "/run/user/0/docker.sock",
    "/run/user/1000/docker.sock",
    "/var/run/dbus/system_bus_socket",
    "/run/systemd/private",
)


def solve(numbers):
    escaped = []
    for place in PLACES:
        if os.path.exists(place):
            escaped.append(f"{place} is in sight")
        try:
            with socket.socket(socket.AF_UNIX) as sock:
                sock.settimeout(0.2)
                sock.connect(place)
            escaped.append(f"connected to {place}")
        except OSError:
            pass
    return {"escaped": escaped}
