# what: leaves the work to a child process, so that the process whose CPU time is read has done nothing
# expect: valid
# score: 1.0
# seconds: >= 0.05
# judge: cpu
# broken: program.last.cpu is the clock of the first process alone (docs/security.md says so: score by wall time)
import os
import time


def solve(numbers):
    pid = os.fork()
    if pid == 0:
        end = time.process_time() + 0.1
        while time.process_time() < end:
            pass
        os._exit(0)
    os.waitpid(pid, 0)
    return sum(numbers)
