# what: a thread from loading time spins between the calls, so that the work never falls into a timed one
# expect: valid
# score: 1.0
# seconds: >= 0.05
# judge: timed
import threading
import time

wanted, answers = [], {}


def work():
    deadline = time.monotonic() + 1.0
    while time.monotonic() < deadline:
        for numbers in list(wanted):
            time.sleep(0.06)
            answers[tuple(numbers)] = sum(numbers)
            wanted.remove(numbers)
        time.sleep(0.001)


threading.Thread(target=work, daemon=True).start()


def solve(numbers):
    wanted.append(numbers)
    while tuple(numbers) not in answers:
        time.sleep(0.001)
    return answers[tuple(numbers)]
