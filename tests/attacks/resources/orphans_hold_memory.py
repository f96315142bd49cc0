# what: grandchildren whose parents have ended, so that nobody of the program's own tree holds them, hold the memory
# expect: memory | crash
# slow
# limits: wall=10 cpu=10

import os
import time


def solve(numbers):
    for _ in range(4):
        if os.fork() == 0:
            if os.fork() == 0:
                held = bytearray(b"x") * 180_000_000
                time.sleep(20)
                os._exit(len(held) > 0)
            os._exit(0)
        os.wait()
    time.sleep(3)
    return {"value": sum(numbers)}
