# what: sleeps longer than it may, and longer again when it is woken
# expect: timeout
# limits: wall=0.3

import time


def solve(numbers):
    while True:
        time.sleep(60)
