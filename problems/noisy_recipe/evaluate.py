"""Weighs a batch of a recipe, with luck. What a recipe gives on average is known in closed form: `expected`.

It is here to show what noise does to a search, and that the winner is reported at its worth (benchmarks/winner.py).
"""

import random

BEST = (4.2, 3.1, 6.4, 1.7, 5.3, 7.6)
"""The amounts of the best recipe."""
WEIGHTS = (1.6, 1.2, 0.8, 0.9, 0.5, 0.3)
"""Grams lost per squared unit away from them."""
COUPLING = 0.7
"""Grams lost per unit of the first and unit of the second ingredient that are off in the same direction."""
TOP = 90.0
"""Grams of the best recipe, on average."""
LUCK = 3.0
"""Standard deviation of one batch, in grams."""
BATCHES = {"search": 1, "holdout": 32}


def cases(split):
    return [{"batch": f"{split} {number}"} for number in range(BATCHES[split])]


def evaluate(program, case):
    amounts = program.call("recipe")
    if not isinstance(amounts, list) or len(amounts) != len(BEST):
        program.reject(f"recipe() must return a list of {len(BEST)} numbers")
    for amount in amounts:
        if not isinstance(amount, (int, float)) or isinstance(amount, bool) or not 0.0 <= amount <= 10.0:
            program.reject(f"recipe() has an amount of {amount!r}; every amount must be a number from 0 to 10")
    return {"gain": expected(amounts) + luck(amounts, case), "total": float(sum(amounts))}


def expected(amounts):
    """What a recipe gives on average: the truth that one batch does not show."""
    off = [amount - best for amount, best in zip(amounts, BEST, strict=True)]
    lost = sum(weight * each * each for weight, each in zip(WEIGHTS, off, strict=True))
    return TOP - lost - COUPLING * off[0] * off[1]


def luck(amounts, case):
    """How a batch comes out: of its own for every recipe, look and batch, and the same when all three are.

    `random` is seeded anew for every look, so that a look can be repeated.
    """
    draw = random.Random(f"{random.random()} {case['batch']} {[float(amount) for amount in amounts]}")
    return draw.gauss(0.0, LUCK)
