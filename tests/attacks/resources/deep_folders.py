# what: folders nested three thousand deep, a path longer than any system call takes
# expect: valid
# score: = 1.0
# limits: wall=10 cpu=10

import os


def solve(numbers):
    os.chdir("/tmp")
    for _ in range(3000):
        try:
            os.mkdir("evolve-attack-" + "d" * 100)
            os.chdir("evolve-attack-" + "d" * 100)
        except OSError:
            break
    open("last", "w").close()
    return sum(numbers)
