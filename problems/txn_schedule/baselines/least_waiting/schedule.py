"""Greedy: next is always the transaction that would wait least for its locks, by expected times; the longest where several do."""


def schedule(transactions, workers):
    """Built one by one, with a simulation of the workers and locks so far."""
    free = [0.0] * workers
    written, touched = {}, {}
    left, order = list(range(len(transactions))), []
    while left:
        now = min(free)
        number = min(left, key=lambda number: wasted(transactions[number], now, written, touched))
        _, length, end = wasted(transactions[number], now, written, touched)
        left.remove(number)
        order.append(number)
        free[free.index(now)] = end
        for key, writes, _ in transactions[number]:
            touched[key] = max(end, touched.get(key, 0.0))
            if writes:
                written[key] = max(end, written.get(key, 0.0))
    return order


def wasted(operations, start, written, touched):
    """How long a transaction that starts now would wait, its expected work (negative), and when it would end."""
    now, work = start, 0.0
    for key, writes, ms in operations:
        now = max(now, (touched if writes else written).get(key, 0.0)) + ms
        work += ms
    return now - start - work, -work, now
