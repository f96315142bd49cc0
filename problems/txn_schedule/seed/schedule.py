"""The order in which transactions are run, one after the other: next is the one with the lowest cost."""


def schedule(transactions, workers):
    """The numbers of all transactions, in the order they shall start."""
    free, written, touched, heat = [0.0] * workers, {}, {}, {}
    for operations in transactions:
        for key, writes, ms in operations:
            heat[key] = heat.get(key, 0.0) + (2.0 * ms if writes else 1.0 * ms)
    left, order = list(range(len(transactions))), []
    while left:
        start = min(free)
        ends = {number: ending(transactions[number], start, written, touched) for number in left}
        number = min(left, key=lambda number: cost(number, ends[number] - start, transactions[number], heat))
        left.remove(number)
        order.append(number)
        free[free.index(start)] = ends[number]
        for key, writes, _ in transactions[number]:
            touched[key] = max(ends[number], touched.get(key, 0.0))
            if writes:
                written[key] = max(ends[number], written.get(key, 0.0))
    return order


def cost(number, span, operations, heat):
    """First come, first served, but for what the other amounts make of it; `span` is work and waiting, on average."""
    work = sum(ms for key, writes, ms in operations)
    waiting = span - work
    hottest = max(heat[key] for key, writes, ms in operations)
    return 1.0 * number + 0.0 * work + 0.0 * waiting + 0.0 * hottest


def ending(operations, now, written, touched):
    """When a transaction that starts now would be through."""
    for key, writes, ms in operations:
        now = max(now, (touched if writes else written).get(key, 0.0)) + ms
    return now
