"""The electric load of a town: its law as far as it is known."""

import math


def bumps(hour):
    """How much it is morning, noon, evening and night: 1 at 8, 13, 19 and 2, and little more than 2 hours away."""
    return [math.exp(-(((hour - centre) / 2.0) ** 2)) for centre in (8, 13, 19, 2)]


def weather(cold):
    """Degrees of frost and of heat."""
    return max(cold, 0.0), max(-cold, 0.0)


# EVOLVE-BLOCK-START
def load(hour, day, cold):
    """In megawatts; every amount is a guess."""
    base = 5.0
    morning = 2.0
    noon = 2.0
    evening = 2.0
    night = 2.0
    heating = 0.2
    cooling = 0.2
    trend = 0.1
    early, midday, late, dark = bumps(hour)
    frost, heat = weather(cold)
    daily = morning * early + noon * midday + evening * late + night * dark
    return base + daily + heating * frost + cooling * heat + trend * day


# EVOLVE-BLOCK-END


def table(points):
    """The law at many points, each [hour, day, cold]."""
    return [load(hour, day, cold) for hour, day, cold in points]
