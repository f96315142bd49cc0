# what: forks while it is asked, and the child answers from then on while the process that is watched sleeps
# expect: valid
# score: 1.0
# seconds: >= 0.05
# judge: timed
import os
import time


def solve(numbers):
    if os.fork():
        while True:
            time.sleep(1)
    time.sleep(0.06)
    return sum(numbers)
