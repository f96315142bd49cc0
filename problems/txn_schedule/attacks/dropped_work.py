# expect: wrong
"""Runs half of the transactions, which is done sooner."""


def schedule(transactions, workers):
    return list(range(0, len(transactions), 2))
