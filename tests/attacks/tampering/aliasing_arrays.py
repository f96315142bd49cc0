# what: answers with views of one buffer and of its own input, and goes on writing to both after it answered
# expect: wrong
# judge: arrays
import threading
import time

import numpy

buffer = numpy.zeros(8)


def write(view):
    deadline = time.monotonic() + 0.3
    while time.monotonic() < deadline:
        view[...] = view + 1
        buffer[...] = 999
        time.sleep(0.001)


def solve(numbers):
    threading.Thread(target=write, args=(numbers,), daemon=True).start()
    return [numbers, numbers[::-1], buffer, buffer[::2]]
