# what: leaves its control group or loosens its limits
# expect: valid
# escaped: 0

import os

FILES = (
    "cgroup.procs",
    "tasks",
    "memory.max",
    "memory.limit_in_bytes",
    "memory.oom_control",
    "pids.max",
    "cpu.max",
    "cpu.cfs_quota_us",
    "release_agent",
    "devices.allow",
    "cgroup.subtree_control",
)


def solve(numbers):
    escaped = []
    for base in (
        "/sys/fs/cgroup",
        "/sys/fs/cgroup/memory",
        "/sys/fs/cgroup/pids",
        "/sys/fs/cgroup/cpu",
        "/sys/fs/cgroup/devices",
        "/sys/fs/cgroup/unified",
    ):
        for name in FILES:
            for flags in (os.O_RDONLY, os.O_WRONLY):
                try:
                    os.close(os.open(f"{base}/{name}", flags))
                    escaped.append(f"{base}/{name}")
                except OSError:
                    pass
        try:
            os.mkdir(f"{base}/evolve-attack-group")
            escaped.append(f"a group in {base}")
            os.rmdir(f"{base}/evolve-attack-group")
        except OSError:
            pass
    return {"escaped": escaped}
