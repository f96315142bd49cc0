"""Plain simulated annealing from the order of arrival, on expected times: STEPS moves of one transaction."""

import math
import random

STEPS = 2000
HOT, COLD = 5.0, 0.2
"""Temperatures at the first and last step, in ms."""


def schedule(transactions, workers):
    """The best order that was met."""
    draw = random.Random(1)
    here = list(range(len(transactions)))
    cost = best_cost = makespan(here, transactions, workers)
    best = here
    for step in range(STEPS):
        moved = list(here)
        moved.insert(draw.randrange(len(here)), moved.pop(draw.randrange(len(here))))
        new = makespan(moved, transactions, workers)
        heat = HOT * (COLD / HOT) ** (step / STEPS)
        if new <= cost or draw.random() < math.exp((cost - new) / heat):
            here, cost = moved, new
            if cost < best_cost:
                best, best_cost = here, cost
    return best


def makespan(order, transactions, workers):
    """When the last transaction ends if everything takes as long as expected."""
    free = [0.0] * workers
    written, touched = {}, {}
    for number in order:
        now = min(free)
        worker = free.index(now)
        for key, writes, ms in transactions[number]:
            now = max(now, (touched if writes else written).get(key, 0.0)) + ms
        free[worker] = now
        for key, writes, _ in transactions[number]:
            touched[key] = max(now, touched.get(key, 0.0))
            if writes:
                written[key] = max(now, written.get(key, 0.0))
    return max(free)
