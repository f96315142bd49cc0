# what: memory in the buffers of many socket pairs, in many processes
# expect: valid | memory | crash
# escaped: 0
# slow
# limits: wall=10 cpu=10

import os
import socket
import time

PROCESSES, MOST = 16, 25_000_000


def solve(numbers):
    told, tell = os.pipe()
    for _ in range(PROCESSES):
        if os.fork() == 0:
            os.write(tell, fill().to_bytes(8, "little"))
            time.sleep(5)
            os._exit(0)
    total = sum(int.from_bytes(os.read(told, 8), "little") for _ in range(PROCESSES))
    time.sleep(0.3)  # long enough for whoever watches
    return {"value": sum(numbers), "escaped": [f"{total >> 20} MB in sockets"] * (total > 350_000_000)}


def fill():
    filled, held = 0, []
    fill.held = held  # as long as the process lives
    try:
        while filled < MOST:
            held.append(socket.socketpair())
            for end in held[-1]:
                end.setblocking(False)
                try:
                    while True:
                        filled += end.send(bytes(1 << 16))
                except BlockingIOError:
                    pass
    except OSError:
        pass
    return filled
