# what: sends signals to every process, group and session it can name (number 0: whether it might)
# expect: valid
# escaped: 0

import os
import signal
import threading


def solve(numbers):
    escaped = []
    own = {os.getpid(), threading.get_native_id()}
    for pid in (pid for pid in range(1, 5000) if pid not in own):
        for send in (os.kill, os.killpg) if pid > 1 else (os.kill,):  # group 1 would mean everybody
            try:
                send(pid, 0)
                if send is os.kill or pid != os.getpgrp():
                    escaped.append(f"{send.__name__} {pid}")
            except OSError:
                pass
    if os.getppid():
        for send in (
            lambda pid: os.kill(pid, signal.SIGCONT),
            lambda pid: signal.pidfd_send_signal(os.pidfd_open(pid), signal.SIGCONT),
        ):
            try:
                send(os.getppid())
                escaped.append("its parent")
            except OSError:
                pass
    return {"escaped": escaped}
