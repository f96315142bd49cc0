# what: a survivor floods both outputs while its parent answers
# expect: valid | output
# score: 1.0

import os
import time


def solve(numbers):
    if os.fork() == 0:
        os.setsid()
        for _ in range(2000):
            try:
                os.write(2, b"y" * 100_000)
                os.write(1, b"x" * 100_000)
            except OSError:
                time.sleep(0.001)
        os._exit(0)
    time.sleep(0.02)
    return sum(numbers)
