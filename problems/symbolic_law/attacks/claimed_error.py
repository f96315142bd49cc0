# expect: wrong
"""States a result instead of accelerations."""


def fit(x, v, u, a):
    return [0.0]


def acceleration(x, v, u, constants):
    return {"nmse": 0.0}
