# expect: wrong
"""All readings as "constants", to be looked up later."""


def fit(x, v, u, a):
    return [*x.tolist(), *a.tolist()]


def acceleration(x, v, u, constants):
    return x
