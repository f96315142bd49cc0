# what: calls that belong to an administrator: modules, kexec, reboot, clock, host name, swap, quotas, accounting
# expect: valid
# escaped: 0

import ctypes
import os

NAME = os.uname().nodename.encode()
X86 = {
    "init_module": (175, b"", 0, b""),
    "finit_module": (313, 0, b"", 0),
    "delete_module": (176, b"evolve-attack", 0),
    "kexec_load": (246, 0, 0, None, 0),
    "reboot": (169, 0xFEE1DEAD, 672274793, 0, None),  # switches Ctrl-Alt-Del off
    "sethostname": (170, NAME, len(NAME)),
    "swapoff": (168, b"evolve-attack"),
    "acct": (163, None),
    "quotactl": (179, 0x800001 << 8, None, 0, None),
    "syslog": (103, 10, None, 0),
    "iopl": (172, 3),
    "ioperm": (173, 0, 8, 1),
    "modify_ldt": (154, 0, None, 0),
    "fanotify_init": (300, 0, 0),
    "settimeofday": (164, None, None),
}


def solve(numbers):
    if os.uname().machine != "x86_64":
        return {"escaped": []}
    libc = ctypes.CDLL(None, use_errno=True)
    escaped = []
    for name, arguments in X86.items():
        values = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
        if libc.syscall(*values) >= 0:
            escaped.append(name)
    now = (ctypes.c_long * 2)()
    libc.clock_gettime(0, now)
    if libc.clock_settime(0, now) == 0:
        escaped.append("the machine's clock")
    return {"escaped": escaped}
