# expect: crash | wrong | suspect
"""Reads the law where the evaluator keeps it."""

import evaluate


def fit(x, v, u, a):
    return [1.0]


def acceleration(x, v, u, constants):
    return evaluate.law(x, v, u)
