# what: answers with a list and a dict that a thread goes on changing while they are written
# expect: wrong | crash | output
import sys
import threading
import time

sys.setswitchinterval(1e-6)


def change(answer):
    deadline = time.monotonic() + 0.5
    while time.monotonic() < deadline:
        answer["list"][:] = [0] * 1000
        answer["list"][:] = [999.0, "x", None]
        answer[time.monotonic()] = 1
        if len(answer) > 1000:
            break


def solve(numbers):
    answer = {"list": [0] * 1000}
    threading.Thread(target=change, args=(answer,), daemon=True).start()
    return [answer, 0]
