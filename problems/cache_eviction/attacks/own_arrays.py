# expect: output | wrong
"""An array that answers differently each time it is compared."""

import numpy as np


class Fickle(float):
    def __lt__(self, other):
        return True


def priority(age, gap, uses, hits, drops):
    return np.array([Fickle(value) for value in age], dtype=object)
