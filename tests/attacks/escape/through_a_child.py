# what: tries again what it may not do itself in a program it starts, and in one that program starts
# expect: valid
# escaped: 0

import os
import subprocess
import sys

TRY = """
import os, socket, subprocess, sys
for path in ("/etc/passwd", "/proc/1/environ", "/root", "/evaluator/evaluate.py", "/proc/self/mountinfo", "/var/run/docker.sock"):
    try:
        os.close(os.open(path, os.O_RDONLY)); print(path)
    except OSError: pass
try:
    socket.socket(); print("a socket")
except OSError: pass
for pid in range(1, 300):
    try:
        if pid not in (os.getpid(), os.getppid(), os.getpgrp(), os.getsid(0)):
            os.kill(pid, 0)
            if os.getpgid(pid) != os.getpgrp(): print("a signal to", pid)
    except OSError: pass
if len(sys.argv) < 2:
    subprocess.run([sys.executable, "-I", "-S", "-c", sys.stdin.read(), "again"], timeout=2)
"""


def solve(numbers):
    try:
        done = subprocess.run(
            [os.path.realpath(sys.executable), "-I", "-S", "-c", TRY],
            input=TRY,
            capture_output=True,
            text=True,
            timeout=2,
        )
    except OSError as error:
        return {"escaped": [], "seen": str(error)}
    assert done.returncode == 0, done.stderr
    return {"escaped": done.stdout.splitlines()}
