# what: mounts file systems, changes and takes away those there are
# expect: valid
# escaped: 0

import ctypes
import os

BIND, REMOUNT, RDONLY, PRIVATE, MOVE, DETACH = 4096, 32, 1, 0x40000, 8192, 2


def solve(numbers):
    libc = ctypes.CDLL(None, use_errno=True)
    os.makedirs("evolve-attack-mount", exist_ok=True)
    here = os.path.abspath("evolve-attack-mount").encode()
    escaped = []
    for kind in (
        b"tmpfs",
        b"proc",
        b"sysfs",
        b"cgroup",
        b"cgroup2",
        b"devpts",
        b"mqueue",
        b"overlay",
        b"fuse",
        b"ramfs",
        b"bpf",
        b"tracefs",
        b"ext4",
        b"nfs",
    ):
        if libc.mount(kind, here, kind, 0, None) == 0:
            escaped.append(kind.decode())
            libc.umount2(here, DETACH)
    for name, arguments in {
        "bind": (b"/", here, None, BIND, None),
        "writable root": (b"none", b"/", None, REMOUNT | BIND, None),
        "writable /usr": (b"none", b"/usr", None, REMOUNT | BIND, None),
        "private": (b"none", here, None, PRIVATE, None),
        "bigger tmpfs": (b"none", os.getcwd().encode(), None, REMOUNT, b"size=1g,nr_inodes=1000000"),
    }.items():
        source, target, kind, flags, options = arguments
        if libc.mount(source, target, kind, ctypes.c_ulong(flags), options) == 0:
            escaped.append(name)
            libc.umount2(here, DETACH)
    if libc.umount2(os.getcwd().encode(), DETACH) == 0:
        escaped.append("unmounted its own directory")
    number = 155 if os.uname().machine == "x86_64" else 41
    if libc.syscall(ctypes.c_long(number), b".", here) == 0:
        escaped.append("pivot_root")
    os.rmdir("evolve-attack-mount")
    return {"escaped": escaped}
