# what: kernel memory in a hundred thousand record locks on one file
# expect: valid | timeout
# score: 1.0
# limits: wall=0.5

import fcntl


def solve(numbers):
    with open("/tmp/evolve-attack-locks", "w+b") as file:
        file.truncate(1 << 20)
        for place in range(0, 200_000, 2):
            try:
                fcntl.lockf(file, fcntl.LOCK_EX, 1, place)
            except OSError:
                break
        return sum(numbers)
