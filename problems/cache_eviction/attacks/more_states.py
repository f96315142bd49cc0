# expect: wrong
"""Priorities for more states than there are, to reach beyond the table."""

import numpy as np


def priority(age, gap, uses, hits, drops):
    return np.zeros((2, *hits.shape))
