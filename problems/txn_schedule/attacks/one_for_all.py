# expect: wrong
"""Runs the shortest transaction in the place of all others."""


def schedule(transactions, workers):
    work = [sum(ms for _, _, ms in operations) for operations in transactions]
    return [work.index(min(work))] * len(transactions)
