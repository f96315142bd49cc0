# what: kills everybody it may kill, in all ways there are, itself last
# expect: crash | memory
# core

import os
import signal


def solve(numbers):
    if os.getpid() != 1 and not os.path.exists("/.dockerenv"):  # never on a machine it really could harm
        os._exit(1)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGSTOP, signal.SIGKILL):
        for pid in (-1, *range(2, 200)):
            if pid != os.getpid():
                try:
                    os.kill(pid, number)
                except OSError:
                    pass
    try:
        os.killpg(0, signal.SIGTERM)
    except OSError:
        pass
    os._exit(1)
