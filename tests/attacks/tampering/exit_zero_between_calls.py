# what: answers the first question honestly and is gone before the second
# expect: crash
# judge: timed
import os
import threading


def solve(numbers):
    threading.Timer(0.01, os._exit, (0,)).start()
    return sum(numbers)
