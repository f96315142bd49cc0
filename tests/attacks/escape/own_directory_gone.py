# what: removes, renames and replaces its own directory under the sandbox's feet
# expect: valid
# score: 1.0

import os


def solve(numbers):
    here = os.getcwd()
    for act in (
        lambda: os.rename(here, here + "-evolve-attack"),
        lambda: os.rmdir(here),
        lambda: os.symlink("/", here),
        lambda: os.mkdir(here, 0),
    ):
        try:
            act()
        except OSError:
            pass
    return sum(numbers)
