# expect: wrong
"""Negative numbers, which Python takes from the end: each transaction half the time, as it seems."""


def schedule(transactions, workers):
    count = len(transactions)
    return [number if number % 2 else number - count for number in range(count)]
