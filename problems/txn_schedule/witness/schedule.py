"""Annealing against luck: from a greedy order, judged by its mean over a few drawn runs, not by expected times."""

import math
import random

STEPS = 2500
HOT, COLD = 3.0, 0.5
"""Temperatures at the first and last step, in ms."""
RUNS = 4
"""Drawn runs an order is judged by."""
SPREAD, STALL, STALLED = 0.4, 0.02, 5.0
"""The luck that the statement tells of."""


def schedule(transactions, workers):
    """The best order that was met."""
    draw = random.Random(1)
    runs = [drawn(transactions, draw) for _ in range(RUNS)]
    here = least_waiting(transactions, workers)
    cost = best_cost = judged(here, runs, workers)
    best = here
    for step in range(STEPS):
        moved = neighbour(here, draw)
        new = judged(moved, runs, workers)
        heat = HOT * (COLD / HOT) ** (step / STEPS)
        if new <= cost or draw.random() < math.exp((cost - new) / heat):
            here, cost = moved, new
            if cost < best_cost:
                best, best_cost = here, cost
    return best


def neighbour(order, draw):
    """One transaction moved, or two swapped."""
    moved = list(order)
    if draw.random() < 0.7:
        moved.insert(draw.randrange(len(order)), moved.pop(draw.randrange(len(order))))
    else:
        one, other = draw.randrange(len(order)), draw.randrange(len(order))
        moved[one], moved[other] = moved[other], moved[one]
    return moved


def drawn(transactions, draw):
    """The transactions with times as they may come out in one run."""
    calm = 1.0 / (1.0 + STALL * (STALLED - 1.0))
    return [[[key, writes, ms * calm * luck(draw)] for key, writes, ms in operations] for operations in transactions]


def luck(draw):
    """A factor on an operation's time."""
    return draw.lognormvariate(-SPREAD * SPREAD / 2, SPREAD) * (STALLED if draw.random() < STALL else 1.0)


def judged(order, runs, workers):
    """Mean time over the drawn runs."""
    return sum(makespan(order, run, workers) for run in runs) / len(runs)


def makespan(order, transactions, workers):
    """When the last transaction ends."""
    free, written, touched = [0.0] * workers, {}, {}
    for number in order:
        start = min(free)
        end = ending(transactions[number], start, written, touched)
        free[free.index(start)] = end
        lock(transactions[number], end, written, touched)
    return max(free)


def least_waiting(transactions, workers):
    """Greedy: next is the transaction that would wait least for its locks, the longest where several do."""
    free, written, touched = [0.0] * workers, {}, {}
    left, order = list(range(len(transactions))), []
    work = [sum(ms for _, _, ms in operations) for operations in transactions]
    while left:
        start = min(free)
        ends = {number: ending(transactions[number], start, written, touched) for number in left}
        number = min(left, key=lambda number: (ends[number] - start - work[number], -work[number]))
        left.remove(number)
        order.append(number)
        free[free.index(start)] = ends[number]
        lock(transactions[number], ends[number], written, touched)
    return order


def ending(operations, now, written, touched):
    """When a transaction that starts now is through."""
    for key, writes, ms in operations:
        ready = (touched if writes else written).get(key, 0.0)
        now = (ready if ready > now else now) + ms
    return now


def lock(operations, end, written, touched):
    """Its keys are taken until its end."""
    for key, writes, _ in operations:
        if end > touched.get(key, 0.0):
            touched[key] = end
        if writes and end > written.get(key, 0.0):
            written[key] = end
