"""Longest processing time first, the usual rule for machines without locks."""


def schedule(transactions, workers):
    """By expected time, the longest first."""
    work = [sum(ms for key, writes, ms in operations) for operations in transactions]
    return sorted(range(len(transactions)), key=lambda number: -work[number])
