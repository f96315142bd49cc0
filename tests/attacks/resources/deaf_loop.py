# what: ignores every signal it can and never returns
# expect: timeout
# core
# limits: wall=0.3

import signal

for number in signal.valid_signals():
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())


def solve(numbers):
    while True:
        pass
