# what: leaves files that are none: queues to wait at, sockets, access lists that forbid, sticky and set-group folders
# expect: valid
# score: 1.0

import os
import socket
import struct

TAG_USER_OWNER, TAG_GROUP_OWNER, TAG_MASK, TAG_OTHER, NOBODY = 1, 4, 16, 32, 0xFFFFFFFF
FORBIDDEN = struct.pack("I", 2) + b"".join(
    struct.pack("HHI", tag, 0, NOBODY) for tag in (TAG_USER_OWNER, TAG_GROUP_OWNER, TAG_MASK, TAG_OTHER)
)


def solve(numbers):
    for place in (".", "/tmp", "/dev/shm"):
        base = os.path.join(place, f"evolve-attack-special-{os.getpid()}-{numbers[0]}")
        for act in (
            lambda: os.mkfifo(base + "-queue"),
            lambda: os.mkdir(base, 0o7777),
            lambda: os.mkfifo(base + "/evaluate.py"),
            lambda: os.mknod(base + "/socket", 0o140777),
            lambda: socket.socketpair()[0].bind(base + "-socket"),
            lambda: os.truncate(os.open(base + "/sparse", os.O_CREAT | os.O_WRONLY), 1 << 20),
            lambda: os.setxattr(base, "system.posix_acl_default", FORBIDDEN),
            lambda: os.setxattr(base, "system.posix_acl_access", FORBIDDEN),
            lambda: os.setxattr(place, "system.posix_acl_default", FORBIDDEN) if os.getpid() == 1 else None,
        ):
            try:
                act()
            except OSError:
                pass
    return sum(numbers)
