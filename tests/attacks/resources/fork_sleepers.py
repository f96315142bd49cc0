# what: answers at once, with as many sleeping processes behind it as the system gives
# expect: valid | crash
# escaped: 0

import os
import time


def solve(numbers):
    made = 0
    for _ in range(2000):
        try:
            if os.fork() == 0:
                time.sleep(30)
                os._exit(0)
            made += 1
        except OSError:
            break
    return {"value": sum(numbers), "escaped": ["more processes than allowed"] * (made > 128)}
