# what: dies so that a core file would be written into its directory
# expect: crash

import ctypes
import os
import resource


def solve(numbers):
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2)
    except (OSError, ValueError):
        pass
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # PR_SET_DUMPABLE
    os.chdir("/tmp")
    ctypes.string_at(8)
