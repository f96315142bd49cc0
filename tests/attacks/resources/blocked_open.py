# what: every thread hangs in the kernel, opening a pipe whose other end nobody opens
# expect: timeout
# limits: wall=0.4

import os
import threading


def solve(numbers):
    os.mkfifo("/tmp/evolve-attack-fifo")
    for _ in range(8):
        try:
            threading.Thread(target=open, args=("/tmp/evolve-attack-fifo",), daemon=True).start()
        except RuntimeError:
            break
    open("/tmp/evolve-attack-fifo")
