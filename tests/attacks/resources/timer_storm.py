# what: an interval timer raises in the middle of whatever its process does, its reply included
# expect: crash | suspect | output | timeout | valid | memory
# score: 1.0

import signal


class Struck(BaseException):
    pass


def strike(*_):
    raise Struck


def solve(numbers):
    signal.signal(signal.SIGALRM, strike)
    signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
    try:
        while True:
            pass
    except Struck:
        return sum(numbers)
