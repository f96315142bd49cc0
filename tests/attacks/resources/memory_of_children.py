# what: six processes that each stay below the limit hold more than it together
# expect: memory
# limits: wall=20 cpu=20

import os
import time


def solve(numbers):
    for _ in range(6):
        if os.fork() == 0:
            held = bytearray(b"x") * 90_000_000
            time.sleep(10)
            os._exit(len(held) > 0)
    time.sleep(10)
