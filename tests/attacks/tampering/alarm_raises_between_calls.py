# what: an alarm raises in the guest while it waits for the next question
# expect: crash
# judge: timed
import signal


def leave(number, frame):
    raise SystemExit(0)


def solve(numbers):
    signal.signal(signal.SIGALRM, leave)
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    return sum(numbers)
