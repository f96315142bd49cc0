"""Scores a law of a town's load by how far its amounts are off, and says in words which ones.

A town's law is the seed's with other amounts and two rules more. All of it is linear in the answer, so least squares
finds how much of each part a candidate has too much or too little, whatever it looks like inside; what no amount of
any part explains counts besides.
"""

import math
import random

PARTS = ("base", "morning", "noon", "evening", "night", "heating", "cooling", "trend")
SEED = (5.0, 2.0, 2.0, 2.0, 2.0, 0.2, 0.2, 0.1)
SCALES = (1.0, 1.5, 1.5, 1.5, 1.5, 0.2, 0.2, 0.25)
"""How far a part of the seed is off, give or take 30 %; an amount that is off so much counts 1."""
RULES = (("hour", 0, 22), ("hour", 0, 16), ("hour", 0, 10), ("day", 1, 4), ("day", 1, 5), ("cold", 2, 4))
"""Above which value of which column a rule adds an amount."""
RULE_SCALE, LAWS = 1.2, 2
POINTS = {"search": 160, "holdout": 480}
RIDGE = 1e-6
NAMED = 3
"""How many parts the feedback names: those that are farthest off."""


def cases(split, parameters):
    """One case: the town's load at random points, and what finds the amounts in residuals there."""
    town = parameters["town"]
    draw = random.Random(f"points of town {town}, {split}")
    points = [
        [round(draw.uniform(0, 24), 2), float(draw.randrange(7)), round(draw.uniform(-10, 10), 1)]
        for _ in range(POINTS[split])
    ]
    amounts, rules = law(town)
    columns = [[*basis(*point), *(applies(rule, point) for rule in rules)] for point in points]
    truth = [sum(map(float.__mul__, amounts, row)) for row in columns]
    return [{"points": points, "truth": truth, "rules": rules, "columns": columns, "finder": finder(columns)}]


def law(town):
    """The true amounts of the parts and of the town's own rules, and those rules."""
    draw = random.Random(f"town {town}")
    rules = draw.sample(RULES, LAWS)
    shifts = [draw.choice((-1, 1)) * draw.uniform(0.7, 1.3) for _ in range(len(PARTS) + LAWS)]
    first = (*SEED, *[0.0] * LAWS)
    return [value + scale * shift for value, scale, shift in zip(first, scales(), shifts, strict=True)], rules


def scales():
    """What counts as 1, by part and rule."""
    return (*SCALES, *[RULE_SCALE] * LAWS)


def basis(hour, day, cold):
    """What each part is multiplied with, in the order of PARTS."""
    bumps = [math.exp(-(((hour - centre) / 2.0) ** 2)) for centre in (8, 13, 19, 2)]
    return [1.0, *bumps, max(cold, 0.0), max(-cold, 0.0), day]


def applies(rule, point):
    """1.0 where a rule holds, 0.0 elsewhere."""
    _, column, above = rule
    return float(point[column] > above)


def evaluate(program, case):
    """The error in percent, and what is too large or too small."""
    points, truth = case["points"], case["truth"]
    answer = program.call("table", points)
    if not isinstance(answer, list) or len(answer) != len(points):
        program.reject(f"table(points) must return one number for each of the {len(points)} points")
    for value, point in zip(answer, points, strict=True):
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e6:
            at = ", ".join(f"{part:.4g}" for part in point)
            program.reject(f"load({at}) is {value!r}, not a float below 1e6")
    residuals = [value - right for value, right in zip(answer, truth, strict=True)]
    off = [sum(map(float.__mul__, row, residuals)) for row in case["finder"]]
    left = [value - sum(map(float.__mul__, off, row)) for value, row in zip(residuals, case["columns"], strict=True)]
    unexplained = sum(map(abs, left)) / len(left)
    worth = [abs(amount) / scale for amount, scale in zip(off, scales(), strict=True)]
    return {
        "error": 100.0 * (sum(worth) + unexplained) / len(worth),
        "unexplained": unexplained,
        "feedback": feedback(case["rules"], off, worth),
    }


def feedback(rules, off, worth):
    """The parts that are farthest off, in words."""
    order = sorted(range(len(off)), key=lambda at: -worth[at])[:NAMED]
    return "\n".join(sentence(rules, at, off[at]) for at in order if worth[at] > 0.02)


def sentence(rules, at, amount):
    """One part, and by how much it is off."""
    how = f"too {'large' if amount > 0 else 'small'} by {abs(amount):.2f}"
    if at < len(PARTS):
        return f"`{PARTS[at]}` is {how}"
    name, _, above = rules[at - len(PARTS)]
    return f"where {name} is above {above}, the load is {how} on average"


def finder(columns):
    """The matrix that makes least squares amounts of residuals: (A'A + ridge)^-1 A', one row per part."""
    size = len(columns[0])
    square = [
        [sum(row[i] * row[j] for row in columns) + RIDGE * (i == j) for j in range(size)]
        + [float(i == j) for j in range(size)]
        for i in range(size)
    ]
    for i in range(size):
        pivot = square[i][i]
        square[i] = [value / pivot for value in square[i]]
        for j in range(size):
            if j != i:
                factor = square[j][i]
                square[j] = [low - factor * high for low, high in zip(square[j], square[i], strict=True)]
    inverse = [row[size:] for row in square]
    return [[sum(map(float.__mul__, row, point)) for point in columns] for row in inverse]
