# what: a file of a terabyte with nothing in it
# expect: valid
# escaped: 0

import os


def solve(numbers):
    path = "/tmp/evolve-attack-sparse"
    for action in (
        lambda: os.truncate(path, 1 << 40),
        lambda: os.pwrite(fd, b"x", (1 << 40) - 1),
        lambda: os.posix_fallocate(fd, 0, 1 << 40),
    ):
        fd = os.open(path, os.O_RDWR | os.O_CREAT)
        try:
            action()
        except OSError:
            pass
        os.close(fd)
    return {"value": sum(numbers), "escaped": ["a huge file"] * (os.stat(path).st_size > 16 * 2**20)}
