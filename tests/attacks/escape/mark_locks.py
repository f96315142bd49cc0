# what: locks and leases files of the machine, for its successor and others to wait for
# expect: valid
# escaped: 0
# rounds: 2

import fcntl
import json
import os
import sys

F_SETLEASE, F_WRLCK = 1024, 1


PATHS = (json.__file__, os.path.realpath(sys.executable), "/usr/lib/python3", "/usr/local/lib", "/dev/null")
HELD = [os.open(path, os.O_RDONLY) for path in PATHS if os.path.exists(path)]


def lock(path, fd):
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return []
    except OSError:
        return [f"{path} is still locked"]


FOUND = sum(map(lock, PATHS, HELD), [])


def solve(numbers):
    escaped = list(FOUND)
    for path, fd in zip(PATHS, HELD):
        try:
            fcntl.fcntl(fd, F_SETLEASE, F_WRLCK)
            escaped.append(f"a lease of {path}")
        except OSError:
            pass
    return {"escaped": escaped}  # the descriptors stay open
