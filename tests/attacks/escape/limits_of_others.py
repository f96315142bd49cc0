# what: reads or sets limits, priority and processors of other processes
# expect: valid
# escaped: 0

import os
import resource
import threading


def solve(numbers):
    escaped = []
    own = {os.getpid(), threading.get_native_id()}
    for pid in (pid for pid in range(1, 3000) if pid not in own):
        for name, act in {
            "limits": lambda pid: resource.prlimit(pid, resource.RLIMIT_CPU),
            "processors": lambda pid: os.sched_setaffinity(pid, os.sched_getaffinity(pid)),
            "priority": lambda pid: os.setpriority(os.PRIO_PROCESS, pid, os.getpriority(os.PRIO_PROCESS, pid)),
            "group priority": lambda pid: os.setpriority(os.PRIO_PGRP, pid, os.getpriority(os.PRIO_PGRP, pid)),
            "scheduler": lambda pid: os.sched_setscheduler(pid, os.sched_getscheduler(pid), os.sched_getparam(pid)),
        }.items():
            try:
                act(pid)
                escaped.append(f"{name} of {pid}")
            except OSError:
                pass
    return {"escaped": escaped}
