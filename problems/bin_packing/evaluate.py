"""Scores an online bin packing policy: the packing loop runs here, on a table of the policy's scores.

A stationary policy sees the item and the space left in a bin, both whole numbers up to the capacity, so one table
*is* the policy. Asking for it once costs one call; the loop that uses it is online by construction and out of the
candidate's reach.
"""

import math
import random

import numpy as np

CAPACITY = 100
ITEMS = {"search": (5, 3000), "holdout": (10, 5000)}
"""How many instances and how many items in each: the holdout is FunSearch's "Weibull 5k" setting."""

PLENTY = 1 << 40
"""Empty bins never run out."""

TAKEN = 255
"""A byte that is no space."""

FITS = np.triu(np.ones((CAPACITY + 1, CAPACITY + 1), dtype=bool))
FITS[0] = False


def cases(split):
    """Weibull(shape 3, scale 45) items, rounded and clipped to 1..100 as in Romera-Paredes et al. (2023)."""
    instances, items = ITEMS[split]
    return [{"items": weibull_items(f"bin_packing:{split}:{number}", items)} for number in range(instances)]


def weibull_items(seed, items):
    """`items` whole sizes from a text seed; Python's own generator gives the same numbers on every machine."""
    draw = random.Random(seed)
    return [min(CAPACITY, max(1, round(draw.weibullvariate(45.0, 3.0)))) for _ in range(items)]


def evaluate(program, case):
    """Percent of bins above the lower bound, and two numbers that tell policies apart."""
    opened, left = pack(case["items"], preferences(read_table(program)))
    bound = math.ceil(sum(case["items"]) / CAPACITY)
    return {
        "excess": 100.0 * (opened - bound) / bound,
        "variety": sum(1 for space in range(1, CAPACITY) if left[space]),
        "full": 100.0 * left[0] / opened,
    }


def read_table(program):
    """`scores[item, space]`: the policy's answer for every item and every bin it fits in; NaN where it does not fit."""
    scores = program.call("table", CAPACITY, allow_nan=True)
    shape = (CAPACITY + 1, CAPACITY + 1)
    if not isinstance(scores, np.ndarray) or scores.dtype.kind not in "iuf" or scores.shape != shape:
        program.reject(f"table({CAPACITY}) must return a numpy array of {shape[0]} x {shape[1]} real numbers")
    scores = np.where(FITS, scores, np.nan)
    undefined = np.argwhere(np.isnan(scores) & FITS)
    if len(undefined):
        item, space = undefined[0]
        program.reject(f"priority({item}, bins) is NaN for a bin with {space} left; every score must be a number")
    return scores


def preferences(scores):
    """`order[item]`: the spaces the item fits in as bytes, best first; the fuller bin wins a tie."""
    ranked = np.argsort(-scores, axis=1, kind="stable").astype(np.uint8)  # NaN, no fit, goes last
    return [row[: CAPACITY + 1 - item].tobytes() for item, row in enumerate(ranked)]


def pack(items, order):
    """Place the items one by one; how many bins were opened and `left[space]`, how many bins ended with that space."""
    left = [0] * CAPACITY + [PLENTY]
    # Byte s of `absent` is s while no bin has that space left, so that lstrip finds the first choice there is:
    # twice as fast as a loop over the row.
    absent = bytearray(range(CAPACITY)) + bytes([TAKEN])
    for item in items:
        space = order[item].lstrip(absent)[0]
        left[space] -= 1
        if not left[space]:
            absent[space] = space
        left[space - item] += 1
        absent[space - item] = TAKEN
    return PLENTY - left[CAPACITY], left
