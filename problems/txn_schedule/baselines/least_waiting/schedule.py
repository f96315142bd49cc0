"""Greedy on expected times: next is what would wait least for its locks, the longest where several would."""


def schedule(transactions, workers):
    """Built one by one, with a simulation of the workers and locks so far."""
    free = [0.0] * workers
    written, touched = {}, {}
    left, order = list(range(len(transactions))), []
    work = [sum(ms for _, _, ms in operations) for operations in transactions]
    while left:
        start = min(free)
        ends = {number: ending(transactions[number], start, written, touched) for number in left}
        number = min(left, key=lambda number: (ends[number] - start - work[number], -work[number]))
        end = ends[number]
        left.remove(number)
        order.append(number)
        free[free.index(start)] = end
        for key, writes, _ in transactions[number]:
            touched[key] = max(end, touched.get(key, 0.0))
            if writes:
                written[key] = max(end, written.get(key, 0.0))
    return order


def ending(operations, now, written, touched):
    """When a transaction that starts now would be through."""
    for key, writes, ms in operations:
        now = max(now, (touched if writes else written).get(key, 0.0)) + ms
    return now
