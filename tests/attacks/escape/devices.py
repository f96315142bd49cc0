# what: opens the machine's devices and makes its own
# expect: valid
# escaped: 0

import os
import stat

ALLOWED = {"null", "zero", "urandom", "full", "random", "stdin", "stdout", "stderr", "fd"}
NAMES = (
    "mem",
    "kmem",
    "port",
    "kmsg",
    "sda",
    "vda",
    "nvme0n1",
    "dm-0",
    "loop0",
    "loop-control",
    "kvm",
    "fuse",
    "net/tun",
    "vhost-net",
    "userfaultfd",
    "ptmx",
    "pts/0",
    "pts/ptmx",
    "console",
    "tty",
    "tty0",
    "tty1",
    "input/event0",
    "snapshot",
    "rtc0",
    "hpet",
    "watchdog",
    "cpu/0/msr",
    "vsock",
    "btrfs-control",
    "mapper/control",
    "uinput",
    "hwrng",
    "nvidia0",
    "dri/card0",
    "shm/x",
    "mqueue",
)


def solve(numbers):
    escaped = []
    try:
        listed = os.listdir("/dev")
    except OSError:
        listed = []
    for name in {*NAMES, *listed} - ALLOWED:
        for flags in (os.O_RDONLY, os.O_WRONLY):
            try:
                os.close(os.open(f"/dev/{name}", flags | os.O_NONBLOCK | os.O_NOCTTY))
                escaped += [] if stat.S_ISDIR(os.stat(f"/dev/{name}").st_mode) and name == "shm" else [f"/dev/{name}"]
            except OSError:
                pass
    for kind, number in (
        (stat.S_IFBLK, (254, 0)),
        (stat.S_IFBLK, (8, 0)),
        (stat.S_IFCHR, (1, 1)),
        (stat.S_IFCHR, (10, 229)),
    ):
        try:
            os.mknod("evolve-attack-device", 0o666 | kind, os.makedev(*number))
            escaped.append(f"made {number}")
            os.unlink("evolve-attack-device")
        except OSError:
            pass
    return {"escaped": escaped}
