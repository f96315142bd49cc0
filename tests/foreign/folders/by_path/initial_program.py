import math

RADIUS = 0.5


def area(times):
    return times * math.pi * RADIUS**2
