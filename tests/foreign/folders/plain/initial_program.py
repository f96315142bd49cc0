"""Guess where the hidden point lies."""

import numpy as np

# EVOLVE-BLOCK-START
STEPS = 12


def locate(target_count):
    rng = np.random.default_rng(3)
    return rng.uniform(-1, 1, size=(target_count, 2))


# EVOLVE-BLOCK-END


def describe():
    return {"name": "uniform", "steps": STEPS}
