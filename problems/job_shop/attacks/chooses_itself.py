# expect: wrong
"""Returns the operation it wants, by place, and one that is not there."""

import numpy as np


def priority(duration, work_left, steps_left, next_duration, next_busy, waited):
    return np.array([len(duration) + 5])
