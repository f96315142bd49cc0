# what: reads what the container engine and the machine left: names, addresses, accounts, mounts
# expect: valid
# escaped: 0

import os

PATHS = (
    "/.dockerenv",
    "/.dockerinit",
    "/run/.containerenv",
    "/etc/hostname",
    "/etc/hosts",
    "/etc/resolv.conf",
    "/etc/passwd",
    "/etc/shadow",
    "/etc/machine-id",
    "/etc/mtab",
    "/etc/ssl/openssl.cnf",
    "/etc/environment",
    "/proc/self/mountinfo",
    "/proc/1/cgroup",
)
FOLDERS = (
    "/run",
    "/run/secrets",
    "/etc",
    "/var",
    "/var/log",
    "/var/lib/docker",
    "/sys/fs/cgroup",
    "/mnt",
    "/media",
    "/boot",
    "/snap",
    "/opt/evolve",
)


def solve(numbers):
    escaped = []
    for path in PATHS:
        try:
            os.close(os.open(path, os.O_RDONLY))
            escaped.append(path)
        except OSError:
            pass
    for folder in FOLDERS:
        try:
            escaped.append(f"{folder} has {len(os.listdir(folder))} names")
        except OSError:
            pass
    return {"escaped": escaped}
