"""Finds good prices for the lower bounds of evaluate.py and writes prices.json: run it once when instances change.

Held and Karp (1971): a city where many edges of the cheapest 1-tree meet becomes dearer, a leaf cheaper, in ever
smaller steps. A third of the step repeats the last one, as in Volgenant and Jonker (1982).
"""

import json
import math
from pathlib import Path

import numpy as np

STEPS = 1200
FIRST = 0.5
"""The first step, in mean edges; the last is a thousandth of it."""


def main():
    import evaluate

    found = {}
    for split, instances in evaluate.INSTANCES.items():
        for number, (kind, cities) in enumerate(instances):
            name = f"tour_cpp:{split}:{number}"
            found[name] = ascend(evaluate, evaluate.place(name, kind, cities))
    rows = ",\n".join(f"{json.dumps(name)}: {json.dumps(prices)}" for name, prices in found.items())
    (Path(__file__).parent / "prices.json").write_text(f"{{\n{rows}\n}}\n")


def ascend(evaluate, points, steps=STEPS):
    """The whole prices with the best bound that was seen."""
    distance = evaluate.distances(points)
    prices = before = np.zeros(len(points))
    best, kept = -math.inf, prices
    unit = FIRST * float(distance.min(axis=1).mean())
    for turn in range(steps):
        weight, degrees = evaluate.one_tree(distance + prices[:, None] + prices[None, :])
        if weight - 2.0 * prices.sum() > best:
            best, kept = weight - 2.0 * prices.sum(), prices
        crowded = degrees - 2.0
        prices = prices + unit * 0.001 ** (turn / steps) * (0.7 * crowded + 0.3 * before)
        before = crowded
    return [round(price) for price in kept]


if __name__ == "__main__":
    main()
