"""Scores an online bin packing policy: the packing loop runs here, on a table of the policy's scores.

A stationary policy sees the item and the space left in a bin, both whole numbers up to the capacity, so one table
*is* the policy. Asking for it once costs one call; the loop that uses it is online by construction and out of the
candidate's reach.
"""

import math
import random
from functools import lru_cache

import numpy as np

KINDS = {
    "weibull": {"capacity": 100, "search": (5, 3000), "holdout": (10, 5000)},
    "or3": {"capacity": 150, "search": (10, 500), "holdout": (20, 500)},
}
"""How many instances and how many items in each: held out, FunSearch's "Weibull 5k" and "OR3" settings."""

PLENTY = 1 << 40
"""Empty bins never run out."""

TAKEN = 255
"""A byte that is no space."""


def cases(split, parameters):
    """Instances of the kind that the parameter `instances` names; those held out are others."""
    kind = parameters["instances"]
    if kind not in KINDS:
        raise ValueError(f"parameter instances = {kind!r} must be one of {', '.join(KINDS)}")
    (instances, items), capacity = KINDS[kind][split], KINDS[kind]["capacity"]
    made = [make_items(kind, split, number, items) for number in range(instances)]
    return [{"capacity": capacity, "items": each} for each in made]


def make_items(kind, split, number, items):
    """`items` whole sizes from a text seed; Python's own generator gives the same numbers on every machine."""
    if kind == "weibull":
        return weibull_items(f"bin_packing:{split}:{number}", items)
    draw = random.Random(f"bin_packing:{kind}:{split}:{number}")
    return [draw.randint(20, 100) for _ in range(items)]


def weibull_items(seed, items):
    """Weibull(shape 3, scale 45) sizes, rounded and clipped to 1..100 as in Romera-Paredes et al. (2023)."""
    draw = random.Random(seed)
    return [min(100, max(1, round(draw.weibullvariate(45.0, 3.0)))) for _ in range(items)]


def evaluate(program, case):
    """Percent of bins above the lower bound, and two numbers that tell policies apart."""
    capacity = case["capacity"]
    opened, left = pack(case["items"], preferences(read_table(program, capacity)))
    bound = math.ceil(sum(case["items"]) / capacity)
    return {
        "excess": 100.0 * (opened - bound) / bound,
        "variety": sum(1 for space in range(1, capacity) if left[space]),
        "full": 100.0 * left[0] / opened,
    }


@lru_cache
def fits(capacity):
    """`fits[item, space]`: whether an item of at least 1 fits in the space."""
    table = np.triu(np.ones((capacity + 1, capacity + 1), dtype=bool))
    table[0] = False
    return table


def read_table(program, capacity):
    """`scores[item, space]`: the policy's answer for every item and every bin it fits in; NaN where it does not fit."""
    scores = program.call("table", capacity, allow_nan=True)
    shape = (capacity + 1, capacity + 1)
    if not isinstance(scores, np.ndarray) or scores.dtype.kind not in "iuf" or scores.shape != shape:
        program.reject(f"table({capacity}) must return a numpy array of {shape[0]} x {shape[1]} real numbers")
    scores = np.where(fits(capacity), scores, np.nan)
    undefined = np.argwhere(np.isnan(scores) & fits(capacity))
    if len(undefined):
        item, space = undefined[0]
        program.reject(f"priority({item}, bins) is NaN for a bin with {space} left; every score must be a number")
    return scores


def preferences(scores):
    """`order[item]`: the spaces the item fits in as bytes, best first; the fuller bin wins a tie."""
    ranked = np.argsort(-scores, axis=1, kind="stable").astype(np.uint8)  # NaN, no fit, goes last
    return [row[: len(scores) - item].tobytes() for item, row in enumerate(ranked)]


def pack(items, order):
    """Place the items one by one; how many bins were opened and `left[space]`, how many bins ended with that space."""
    capacity = len(order) - 1
    left = [0] * capacity + [PLENTY]
    # Byte s of `absent` is s while no bin has that space left, so that lstrip finds the first choice there is:
    # twice as fast as a loop over the row.
    absent = bytearray(range(capacity)) + bytes([TAKEN])
    for item in items:
        space = order[item].lstrip(absent)[0]
        left[space] -= 1
        if not left[space]:
            absent[space] = space
        left[space - item] += 1
        absent[space - item] = TAKEN
    return PLENTY - left[capacity], left
