# what: leaves a tree deeper than any path can be, with a long name at every step
# expect: valid
# score: 1.0

import os


def solve(numbers):
    here = os.open(".", os.O_RDONLY | os.O_DIRECTORY)
    try:
        for step in range(1200):
            os.mkdir("evolve-attack-" + "x" * 240)
            os.chdir("evolve-attack-" + "x" * 240)
    except OSError:
        pass
    os.fchdir(here)
    os.close(here)
    return sum(numbers)
