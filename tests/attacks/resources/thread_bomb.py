# what: starts threads until the system gives no more
# expect: valid | crash | memory
# escaped: 0

import threading
import time


def solve(numbers):
    threading.stack_size(64 * 1024)
    made = 0
    for _ in range(2000):
        try:
            threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
            made += 1
        except RuntimeError:
            break
    return {"value": sum(numbers), "escaped": ["more threads than allowed"] * (made > 128)}
