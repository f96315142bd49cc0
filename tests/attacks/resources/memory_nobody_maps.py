# what: short-lived children fill shared mappings their parents never touch: memory in no process's resident set
# expect: memory | crash | valid
# escaped: 0
# slow
# limits: wall=10 cpu=10

import mmap
import os
import time

HOLDERS, BYTES, SLICE = 2, 210_000_000, 30_000_000


def solve(numbers):
    told, tell = os.pipe()
    for _ in range(HOLDERS):
        if os.fork() == 0:
            os.write(tell, b"y" if fill() else b"n")
            time.sleep(5)
            os._exit(0)
        if os.read(told, 1) == b"n":
            return sum(numbers)
    time.sleep(0.5)  # long enough for whoever watches
    return {"value": sum(numbers), "escaped": [f"{HOLDERS * BYTES >> 20} MB that nobody counts"]}


def fill():
    try:
        fill.memory = mmap.mmap(-1, BYTES)
        return all(fill_slice(fill.memory, start) for start in range(0, BYTES, SLICE))
    except OSError:
        return False


def fill_slice(memory, start):
    child = os.fork()
    if child == 0:
        memory[start : start + SLICE] = b"x" * SLICE
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0
