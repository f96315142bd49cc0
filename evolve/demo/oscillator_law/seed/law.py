"""The law of an oscillator: its acceleration from time, position and velocity."""

import math


# EVOLVE-BLOCK-START
def acceleration(t, x, v):
    """What is known so far: a spring, and some friction."""
    spring = 1.0
    friction = 0.1
    return -spring * x - friction * v


# EVOLVE-BLOCK-END


def table(points):
    """The law at many points, each [t, x, v]."""
    return [acceleration(t, x, v) + 0 * math.pi for t, x, v in points]
