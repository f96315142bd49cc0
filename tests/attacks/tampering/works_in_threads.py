# what: leaves the work to threads, some of which end before the call does
# expect: valid
# score: 1.0
# seconds: >= 0.05
# judge: cpu
import threading
import time


def work():
    end = time.thread_time() + 0.04
    while time.thread_time() < end:
        pass


def solve(numbers):
    for _ in range(2):
        worker = threading.Thread(target=work)
        worker.start()
        worker.join()
    return sum(numbers)
