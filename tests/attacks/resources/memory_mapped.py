# what: maps anonymous memory with MAP_SHARED and touches every page
# expect: memory | crash | valid
# limits: wall=10 cpu=10
# escaped: 0

import mmap


def solve(numbers):
    held = []
    try:
        while len(held) < 100:
            held.append(mmap.mmap(-1, 20_000_000))
            for page in range(0, 20_000_000, 4096):
                held[-1][page] = 1
    except OSError:
        pass
    return {"value": sum(numbers), "escaped": ["600 MB of shared mappings"] * (len(held) >= 30)}
