# what: starts a process and a thread where one process is allowed, and goes on without
# expect: valid
# escaped: 0
# limits: processes=1
# core

import _thread
import contextlib
import os
import threading

import subprocess

escaped = []


def beside(start, said):
    with contextlib.suppress(OSError, RuntimeError):
        if start() == 0:
            os._exit(0)
        escaped.append(said)


def solve(numbers):
    escaped.clear()
    beside(os.fork, "forked")
    beside(lambda: os.posix_spawn("/proc/self/exe", ["python"], {}), "spawned")
    beside(lambda: subprocess.Popen(["/bin/true"]) and 1, "a child by subprocess")
    beside(lambda: _thread.start_new_thread(print, ()), "a bare thread")
    beside(lambda: threading.Thread(target=print).start() or 1, "a thread")
    return {"value": sum(numbers), "escaped": escaped}
