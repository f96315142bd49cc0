"""The law of an oscillator: a sum of terms, and how much of each fits the data best."""

import numpy as np


def terms(x, v, u):
    """What the acceleration is made of: a spring, friction, the drive; exponents of 0 make them linear."""
    spring = x * np.abs(x) ** 0.0
    friction = v * np.abs(v) ** 0.0
    drive = u * np.exp(0.0 * np.abs(x))
    return [spring, friction, drive]


def fit(x, v, u, a):
    """The constants: least squares over the known rows."""
    columns = np.column_stack(terms(x, v, u))
    return np.linalg.lstsq(columns, a, rcond=None)[0].tolist()


def acceleration(x, v, u, constants):
    """The law: a function of position, velocity and drive, all arrays."""
    return np.column_stack(terms(x, v, u)) @ np.array(constants)
