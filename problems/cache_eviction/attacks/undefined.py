# expect: wrong
"""NaN for the oldest states: compared with anything it is false, so a careless minimum never drops them."""

import numpy as np


def priority(age, gap, uses, hits, drops):
    return np.where(age > 1000, np.nan, -age)
