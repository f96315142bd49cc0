# what: makes every clock it can reach stand still, and takes its time
# expect: valid
# score: 1.0
# seconds: >= 0.05
# judge: timed
# core
import time

sleep = time.sleep
for name in ("time", "monotonic", "perf_counter", "process_time", "thread_time"):
    setattr(time, name, lambda: 1000.0)
    setattr(time, name + "_ns", lambda: 1000)
time.clock_gettime = lambda clock: 1000.0
time.sleep = lambda seconds: None


def solve(numbers):
    sleep(0.06)
    return sum(numbers)
