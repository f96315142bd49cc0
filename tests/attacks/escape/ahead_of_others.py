# what: makes itself more important than its neighbours: priority, real-time scheduling, disk, locked memory
# expect: valid
# escaped: 0

import ctypes
import os


def solve(numbers):
    libc = ctypes.CDLL(None, use_errno=True)
    escaped = []
    for name, act in {
        "nice": lambda: os.nice(-1),
        "priority": lambda: os.setpriority(os.PRIO_PROCESS, 0, -20),
        "fifo": lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)),
        "round robin": lambda: os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(99)),
    }.items():
        try:
            act()
            escaped.append(name)
        except OSError:
            pass
    x86 = os.uname().machine == "x86_64"
    calls = {
        "real-time disk": (251 if x86 else 30, 1, 0, 1 << 13),
        "deadline": (314 if x86 else 274, 0, 0, 0),
        "locked memory": (151 if x86 else 230, 3),
    }
    for name, arguments in calls.items():
        if libc.syscall(*map(ctypes.c_long, arguments)) >= 0:
            escaped.append(name)
    return {"escaped": escaped}
