# what: mounts by the newer calls: fsopen, open_tree, move_mount, mount_setattr
# expect: valid
# escaped: 0

import ctypes
import errno
import struct

CLEAR_READ_ONLY = struct.pack("4Q", 0, 1, 0, 0)
CALLS = {
    "fsopen tmpfs": (430, b"tmpfs", 0),
    "fsopen proc": (430, b"proc", 0),
    "fsconfig": (431, -1, 6, None, None, 0),
    "fsmount": (432, -1, 0, 0),
    "fspick": (433, -100, b"/", 0),
    "open_tree": (428, -100, b"/", 1),
    "move_mount": (429, -100, b"evolve-attack-nothing", -100, b"evolve-attack-nothing", 0),
    "mount_setattr": (442, -100, b".", 0, CLEAR_READ_ONLY, 32),
    "open_tree_attr": (467, -100, b"evolve-attack-nothing", 1, CLEAR_READ_ONLY, 32),
}


def solve(numbers):
    libc = ctypes.CDLL(None, use_errno=True)
    escaped = []
    for name, arguments in CALLS.items():
        values = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
        # An answer about the arguments says that the caller's right was not in question.
        if libc.syscall(*values) >= 0 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS):
            escaped.append(f"{name}: error {ctypes.get_errno()}")
    return {"escaped": escaped}
