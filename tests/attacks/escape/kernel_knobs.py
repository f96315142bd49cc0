# what: opens the files through which the kernel is told what to run and how to behave (and writes nothing)
# expect: valid
# escaped: 0

import os

PATHS = (
    "/proc/sys/kernel/core_pattern",
    "/proc/sys/kernel/modprobe",
    "/proc/sysrq-trigger",
    "/proc/self/uid_map",
    "/proc/self/gid_map",
    "/proc/self/setgroups",
    "/proc/self/oom_score_adj",
    "/proc/1/oom_score_adj",
    "/proc/self/mem",
    "/proc/self/attr/exec",
    "/proc/self/clear_refs",
    "/proc/sys/vm/overcommit_memory",
    "/proc/sys/vm/drop_caches",
    "/sys/kernel/uevent_helper",
    "/sys/power/state",
    "/sys/kernel/mm/ksm/run",
    "/sys/fs/cgroup/release_agent",
    "/sys/kernel/debug",
    "/sys/kernel/tracing/trace_marker",
    "/proc/sys/kernel/ns_last_pid",
)


def solve(numbers):
    escaped = []
    for path in PATHS:
        for flags in (os.O_WRONLY, os.O_RDWR):
            try:
                os.close(os.open(path, flags))
                escaped.append(path)
            except OSError:
                pass
    return {"escaped": escaped}
