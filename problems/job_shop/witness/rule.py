"""Work remaining, balanced with the next queue and others; weights fitted here to 40 shops used nowhere else."""

import numpy as np


def priority(duration, work_left, steps_left, next_duration, next_busy, waited):
    score = -1.613 * duration / 50 + 1.445 * work_left / 125 + 0.848 * steps_left / 3
    score += 0.185 * next_duration / 50 - 0.478 * next_busy / 100 + 0.27 * np.sqrt(waited) / 7
    score += 0.56 * duration / work_left + 0.283 * work_left / 50 / steps_left
    score -= np.where(steps_left == 1, 0.544, 0.0)
    return score - np.where((next_busy == 0) & (steps_left > 1), 0.011, 0.0)
