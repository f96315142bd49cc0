"""Job shop: of the operations that wait for a machine, the one with the highest priority starts."""

import numpy as np

DURATION = 1.0
WORK_LEFT = 0.02
STEPS_LEFT = 0.1
NEXT_DURATION = 0.1
NEXT_BUSY = 0.1
WAITED = 0.1


def priority(duration, work_left, steps_left, next_duration, next_busy, waited):
    """Short operations first, with a little of everything else."""
    score = -DURATION * duration
    score = score + WORK_LEFT * work_left + STEPS_LEFT * steps_left
    score = score - NEXT_DURATION * next_duration - NEXT_BUSY * next_busy
    return score + WAITED * np.sqrt(waited)
