# what: memory in the buffers of many pipes, in many processes
# expect: valid | memory | crash
# escaped: 0
# slow
# limits: wall=10 cpu=10

import fcntl
import os
import time

PROCESSES, MOST = 16, 40_000_000


def solve(numbers):
    told, tell = os.pipe()
    for _ in range(PROCESSES):
        if os.fork() == 0:
            os.write(tell, fill().to_bytes(8, "little"))
            time.sleep(5)
            os._exit(0)
    total = sum(int.from_bytes(os.read(told, 8), "little") for _ in range(PROCESSES))
    time.sleep(0.3)  # long enough for whoever watches
    return {"value": sum(numbers), "escaped": [f"{total >> 20} MB in pipes"] * (total > 350_000_000)}


def fill():
    filled = 0
    try:
        while filled < MOST:
            _, end = os.pipe()
            os.set_blocking(end, False)
            try:
                fcntl.fcntl(end, 1031, 1 << 20)  # F_SETPIPE_SZ
            except OSError:
                pass
            try:
                while True:
                    filled += os.write(end, bytes(1 << 16))
            except BlockingIOError:
                pass
    except OSError:
        pass
    return filled
