# what: reads what the kernel tells of the whole machine and of its own place in it
# expect: valid
# escaped: 0

import os

PATHS = (
    "kcore",
    "kallsyms",
    "kmsg",
    "config.gz",
    "sched_debug",
    "timer_list",
    "keys",
    "key-users",
    "cmdline",
    "version",
    "mounts",
    "self/mountinfo",
    "self/cgroup",
    "self/environ",
    "self/maps",
    "self/mem",
    "self/net/route",
    "net/arp",
    "sys/kernel/core_pattern",
    "sysvipc/shm",
    "self/attr/current",
    "self/status",
)


def solve(numbers):
    escaped = []
    for path in PATHS:
        try:
            with open(f"/proc/{path}", "rb") as file:
                escaped += [path] if file.read(1) else []  # container engines put /dev/null in some places
        except OSError:
            pass
    for place in (
        "/proc",
        "/proc/self/fd",
        "/proc/self/task",
        "/sys",
        "/sys/kernel",
        "/sys/class/net",
        "/sys/kernel/security",
        "/dev/fd",
    ):
        try:
            escaped.append(f"{place} has {len(os.listdir(place))} names")
        except OSError:
            pass
    return {"escaped": escaped}
