"""Runs transactions in the order a program gives, with locks and with luck: no two runs take the same time.

Locks are taken as in a deterministic database: a transaction's place in the queue of every key it will touch is its
place in the order, so nothing deadlocks and the order decides everything but the luck.
"""

import random

WORKERS = 6
TRANSACTIONS = 36
KEYS = 60
WORKLOADS = {"search": 3, "holdout": 5}
RUNS = 40
"""Runs of each held-out workload, at fixed luck: the held-out score is the same for everybody."""
SPREAD = 0.4
"""Standard deviation of the logarithm of an operation's time over its expected time."""
STALL, STALLED = 0.02, 5.0
"""How often an operation meets something slow, a page that must be read, and how much longer it takes then."""


def cases(split):
    """One workload each."""
    return [
        {"split": split, "number": n, "workload": workload(f"txn_schedule:{split}:{n}")}
        for n in range(WORKLOADS[split])
    ]


def workload(seed):
    """Transactions in order of arrival: lists of operations [key, writes, expected ms]. A few keys are hot."""
    draw = random.Random(seed)
    heat = [1.0 / (1 + key) ** 0.8 for key in range(KEYS)]
    transactions = []
    for _ in range(TRANSACTIONS):
        keys = distinct(draw, heat, draw.randint(2, 6))
        transactions.append([[key, draw.random() < 0.4, round(draw.gammavariate(2.0, 2.0) + 0.5, 1)] for key in keys])
    return transactions


def distinct(draw, weights, count):
    """`count` different keys, by weight."""
    chosen = []
    while len(chosen) < count:
        key = draw.choices(range(KEYS), weights)[0]
        if key not in chosen:
            chosen.append(key)
    return chosen


def evaluate(program, case):
    """The time until the last transaction is through, the mean over runs; and how far from arrival the order is."""
    transactions = case["workload"]
    order = program.call("schedule", transactions, WORKERS)
    check(program, order, len(transactions))
    times = [makespan(order, transactions, lucky(transactions, luck)) for luck in lucks(case, order)]
    moved = sum(abs(place - number) for place, number in enumerate(order)) / (len(order) ** 2 / 3)
    return {"makespan": sum(times) / len(times), "reordering": moved}


def check(program, order, count):
    """Reject what is not every number below `count` once."""
    if not isinstance(order, list) or len(order) != count:
        program.reject(f"schedule() must return a list of the {count} transactions' numbers")
    for number in order:
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < count:
            program.reject(f"schedule() has {number!r:.40}; transactions are whole numbers from 0 to {count - 1}")
    if len(set(order)) != count:
        twice = next(number for number in order if order.count(number) > 1)
        program.reject(f"schedule() has transaction {twice} more than once; each must be there once")


def lucks(case, order):
    """What the luck of each run is drawn from: one run of its own for each look and order, or RUNS fixed ones.

    `random` is seeded anew for every look, and another order meets other luck, as on a real machine.
    """
    if case["split"] == "search":
        return [f"{random.random()} {case['number']} {order}"]
    return [f"txn_schedule luck {case['number']} {run}" for run in range(RUNS)]


def lucky(transactions, seed):
    """How long every operation takes in one run, in ms; in the mean the expected time."""
    draw = random.Random(seed)
    calm = 1.0 / (1.0 + STALL * (STALLED - 1.0))
    return [
        [
            ms * calm * draw.lognormvariate(-SPREAD * SPREAD / 2, SPREAD) * (STALLED if draw.random() < STALL else 1.0)
            for _, _, ms in operations
        ]
        for operations in transactions
    ]


def makespan(order, transactions, durations):
    """When the last transaction ends. Each starts in turn on the worker that is free first, and keeps it to its end.

    Its operations run one after the other. One that reads waits for the end of all earlier transactions (in the order)
    that write the key; one that writes waits for those that read it, too.
    """
    workers = [0.0] * WORKERS
    written, touched = {}, {}
    for number in order:
        now = min(workers)
        worker = workers.index(now)
        for (key, writes, _), ms in zip(transactions[number], durations[number], strict=True):
            free = (touched if writes else written).get(key, 0.0)
            now = (free if free > now else now) + ms
        workers[worker] = now
        for key, writes, _ in transactions[number]:
            touched[key] = max(now, touched.get(key, 0.0))
            if writes:
                written[key] = max(now, written.get(key, 0.0))
    return max(workers)
