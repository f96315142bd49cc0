"""The order in which transactions are run: by one number each, the lowest first."""


def schedule(transactions, workers):
    """The numbers of all transactions, in the order they shall start."""
    heat = {}
    for operations in transactions:
        for key, writes, ms in operations:
            heat[key] = heat.get(key, 0.0) + (2.0 * ms if writes else 1.0 * ms)
    return sorted(range(len(transactions)), key=lambda number: rank(number, transactions[number], heat))


def rank(number, operations, heat):
    """First come, first served, but for what the other amounts make of it."""
    work = sum(ms for key, writes, ms in operations)
    hottest = max(heat[key] for key, writes, ms in operations)
    writing = sum(heat[key] for key, writes, ms in operations if writes)
    return 1.0 * number + 0.0 * work + 0.0 * hottest + 0.0 * writing
