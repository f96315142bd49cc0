# what: sleeps and works, and is seen to
# expect: valid
# seconds: >= 0.05
# judge: timed

import time


def solve(numbers):
    time.sleep(0.05)
    return sum(numbers)
