# what: works on a hundred megabytes of arrays
# expect: valid

import numpy as np


def solve(numbers):
    big = np.ones(6_000_000)
    assert (big * 2).sum() == 12_000_000
    return sum(numbers)
