"""Scores a law of motion on states it was not fitted to, by its normalised mean squared error against noisy readings.

A state is drawn, not taken from an orbit: rows of an orbit could be put in order and the velocity differentiated, which
gives accelerations without any law. The law itself is this problem's own invention.
"""

import math
import random

import numpy as np

BOX = (1.2, 2.0, 1.5)
"""Search states have |position|, |velocity| and |drive| up to these."""
NOISE = 0.05
"""Standard deviation of a reading of the acceleration."""
FOLDS, ROWS, HELD_OUT_ROWS = 2, 200, 100
"""Search: as many cases, each of so many rows, fitted to the other case's rows. Then the rows of a held-out case."""
BEYOND = {
    "wider swing": (2.5, 1.0, 1.0),
    "faster": (1.0, 2.5, 1.0),
    "stronger drive": (1.0, 1.0, 2.5),
    "all three": (2.5, 2.5, 2.5),
}
"""Held-out cases: BOX stretched by these, with nothing of BOX in it."""
MOST_CONSTANTS = 12
STEEPEST = 6.0
"""Doublings at which `growth` ends."""


def law(x, v, u):
    """The true acceleration: a spring that saturates, a power-law resistance, a drive that weakens off centre."""
    return -3.2 * np.tanh(1.5 * x) - 0.45 * v * np.sqrt(np.abs(v)) + u / (1.0 + 0.4 * x * x)


def cases(split):
    """Cross-validation within BOX for the search; held-out states lie beyond, and all search rows are known there."""
    folds = [readings(f"symbolic_law:search:{number}", ROWS, (1.0, 1.0, 1.0)) for number in range(FOLDS)]
    if split == "search":
        return [
            {"known": np.concatenate(folds[:number] + folds[number + 1 :]), "asked": fold, "where": "the same box"}
            for number, fold in enumerate(folds)
        ]
    known = np.concatenate(folds)
    beyond = {where: readings(f"symbolic_law:holdout:{where}", HELD_OUT_ROWS, BEYOND[where]) for where in BEYOND}
    return [{"known": known, "asked": rows, "where": where} for where, rows in beyond.items()]


def readings(seed, rows, stretch):
    """Rows of position, velocity, drive and the acceleration as it was read; outside BOX where it is stretched."""
    draw = random.Random(seed)
    sides = [side * factor for side, factor in zip(BOX, stretch, strict=True)]
    beyond = any(factor > 1.0 for factor in stretch)
    states = []
    while len(states) < rows:
        state = [draw.uniform(-side, side) for side in sides]
        if not beyond or any(abs(part) > side for part, side in zip(state, BOX, strict=True)):
            states.append(state)
    columns = np.array(states)
    noise = np.array([draw.gauss(0.0, NOISE) for _ in range(rows)])
    return np.column_stack([columns, law(*columns.T) + noise])


def evaluate(program, case):
    """The error against the readings, how the law grows beyond the data, and how many constants it has."""
    constants = fitted(program, case["known"])
    program.fresh()  # a law is a formula and its constants: nothing else of the data may be kept
    states, read = case["asked"][:, :3], case["asked"][:, 3]
    inside, beyond = answers(program, states, constants)
    wrong = inside - read
    return {
        "nmse": float(np.mean(wrong**2) / np.var(read)),
        "growth": growth(inside, beyond),
        "constants": len(constants),
        "feedback": feedback(states, wrong),
    }


def fitted(program, known):
    """The constants that the program finds in the known rows."""
    constants = program.call("fit", *known.T)
    if isinstance(constants, np.ndarray) and constants.ndim == 1:
        constants = constants.tolist()
    if not isinstance(constants, list) or len(constants) > MOST_CONSTANTS:
        program.reject(f"fit() must return a list of at most {MOST_CONSTANTS} numbers")
    for constant in constants:
        if isinstance(constant, bool) or not isinstance(constant, (int, float)) or not abs(constant) < 1e9:
            program.reject(f"fit() returned {constant!r:.60}; every constant must be a number below 1e9")
    return [float(constant) for constant in constants]


def answers(program, states, constants):
    """The law's accelerations at the states and at twice the states; only the former must be numbers."""
    half = len(states) // 2  # two calls: an answer that is kept and given again fits only one of them
    first = asked(program, states[:half], constants)
    second = asked(program, np.concatenate([states[half:], 2.0 * states]), constants)
    inside, beyond = np.concatenate([first, second[: len(states) - half]]), second[len(states) - half :]
    absurd = np.flatnonzero(~(np.abs(inside) < 1e6))
    if len(absurd):
        x, v, u = states[absurd[0]]
        program.reject(
            f"acceleration() is {inside[absurd[0]]:.3g} at x={x:.3f}, v={v:.3f}, u={u:.3f}; the limit is 1e6"
        )
    return inside, beyond


def asked(program, states, constants):
    """One number for each state, NaN and infinity among them."""
    answer = program.call("acceleration", *states.T, constants, allow_nan=True)
    if not isinstance(answer, np.ndarray) or answer.dtype.kind not in "iuf" or answer.shape != (len(states),):
        program.reject(f"acceleration() must return a numpy array of {len(states)} real numbers, one for each state")
    return answer.astype(float)


def growth(inside, beyond):
    """By how many doublings accelerations grow where states are twice as large: 1 if linear, 3 if cubic; 0 to 6."""
    small, large = (math.sqrt(float(np.mean(np.clip(part, -1e9, 1e9) ** 2))) for part in (inside, beyond))
    if not math.isfinite(large):
        return STEEPEST
    return min(STEEPEST, max(0.0, math.log2(large / small))) if small > 0.0 and large > 0.0 else 0.0


def feedback(states, wrong):
    """Where the law is most off: the mean error in the outer thirds of each quantity, the two largest in words."""
    found = []
    for name, column, side in zip(("position x", "velocity v", "drive u"), states.T, BOX, strict=True):
        for word, here in (("low", column < -side / 3), ("high", column > side / 3)):
            if here.any():
                found.append((float(wrong[here].mean()), f"{name} is {word}"))
    found.sort(key=lambda each: -abs(each[0]))
    return "\n".join(
        f"where {where}, the acceleration is too {'high' if mean > 0 else 'low'} by {abs(mean):.3f} on average"
        for mean, where in found[:2]
    )
