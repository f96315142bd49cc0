# expect: wrong
"""Empties the transactions where it can reach them; the evaluator runs its own copy, of which there are more."""


def schedule(transactions, workers):
    transactions[:] = [[[0, False, 0.0]]]
    return [0]
