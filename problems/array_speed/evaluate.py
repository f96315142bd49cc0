"""Scores how fast a numpy kernel is: the median of paired ratios to a reference, on inputs nobody has seen.

What is trusted, and why:

- Every input is drawn for one call (from the secret seed of the run and the look), so nothing can be kept for later,
  and the answer to every timed call is checked: there is no call that a program could know to be unchecked.
- The reference runs in this process, right before or right after the program in turn (ABBA), so that a machine that
  becomes slower or faster hits both. Its time is the CPU time of this thread.
- A program's time is the CPU time of its process, read from outside, as the kernel counts it. That is all it computes
  with: `limits.processes = 1` leaves it neither a child nor a thread (tests/attacks/resources/one_process.py). What
  waits gains nothing and loses nothing, so a busy machine costs neither side. A program that spins while the reference
  runs does not make it wait either, since it holds one processor at most and the reference's waits are not counted;
  shared caches remain, which gave less than the noise of one look.
- The program's side of the border (0.1 ms) counts as the program's; nothing it says about itself is subtracted.
"""

import random
import statistics
import time
from dataclasses import dataclass

import numpy as np
import reference

PAIRS = 4
"""Timed calls per case: an even number, so that as many come after the reference as before it."""
NEAREST = 8
SIZES = {"search": ((300, 2, "even"), (160, 3, "crowded")), "holdout": ((900, 2, "crowded"), (450, 3, "even"))}
"""Points, coordinates and kind of the timed inputs; small ones for the search, so that it sees many programs."""
CLOSE = 1e-9
"""Relative: float64 in any order of the sums stays within 1e-14, float32 does not (6e-8). Neither does
|x|^2 - 2xy + |y|^2 for points that lie close together and far from the origin (`edges`)."""


def cases(split, seed):
    """Sizes, and the secret seed that inputs are drawn from."""
    return [
        {"points": count, "coordinates": width, "kind": kind, "seed": f"{seed}:{split}:{number}"}
        for number, (count, width, kind) in enumerate(SIZES[split])
    ]


def evaluate(program, case):
    """The speed-up over the reference, and how time grows with the number of points."""
    draw = np.random.default_rng(list(f"{case['seed']}:{random.getrandbits(64)}".encode()))
    for name, points, weights, k in edges(draw):
        check(program, ask(program, points, weights, k), reference.lightest(points, weights, k), name)
    pairs = [pair(program, timed_input(draw, case), turn % 2 == 0) for turn in range(PAIRS)]
    halves = [pair(program, timed_input(draw, case, 0.5), turn % 2 == 0) for turn in range(PAIRS // 2)]
    time_of_all, time_of_half = (statistics.median(each.program for each in some) for some in (pairs, halves))
    return {
        "speedup": statistics.median(each.reference / each.program for each in pairs),
        "growth": float(np.log2(time_of_all / time_of_half)),
        "milliseconds": 1000.0 * time_of_all,
    }


@dataclass(frozen=True)
class Pair:
    """CPU seconds of the program and of the reference on the same input."""

    program: float
    reference: float


def pair(program, given, first):
    """Time the reference and the program on one input, the reference first or second; check the answer."""
    points, weights = given
    if first:
        wanted, spent = timed_reference(points, weights)
    answer = ask(program, points, weights, NEAREST)
    took = program.last.cpu or program.last.wall  # there is no CPU time on a kernel that shows none (macOS)
    if not first:
        wanted, spent = timed_reference(points, weights)
    check(program, answer, wanted, f"a timed call with {len(points)} points")
    return Pair(took, spent)


def timed_reference(points, weights):
    """The right answer, and the seconds of this thread's CPU time that it took."""
    begun = time.thread_time()
    wanted = reference.lightest(points, weights, NEAREST)
    return wanted, time.thread_time() - begun


def ask(program, points, weights, k):
    """One call across the border; NaN and infinity are answers here."""
    return program.call("lightest", points, weights, k, allow_nan=True)


def timed_input(draw, case, share=1.0):
    """Points and weights for one call."""
    count, width = int(case["points"] * share), case["coordinates"]
    points = draw.random((count, width))
    if case["kind"] == "crowded":
        middles = draw.random((12, width))
        crowd = draw.random(count) < 0.7
        points[crowd] = middles[draw.integers(0, 12, crowd.sum())] + draw.normal(0.0, 0.02, (crowd.sum(), width))
    return points, draw.uniform(1.0, 2.0, count)


def edges(draw):
    """What is easily forgotten: `(name, points, weights, k)`."""
    plain, some = draw.random((40, 3)), draw.uniform(0.5, 3.0, 40)
    holes = plain.copy()
    holes[draw.choice(40, 5, replace=False), draw.integers(0, 3, 5)] = np.nan
    yield "a single point", plain[:1], some[:1], 3
    yield "fewer neighbours than are asked for", plain[:4], some[:4], 6
    yield "exactly as many neighbours as are asked for", plain[:7], some[:7], 6
    yield "one neighbour each", plain, some, 1
    yield "points that lie in the same place", np.repeat(plain[:10], 4, axis=0), some, 5
    yield "points with NaN", holes, some, 5
    yield "nothing but NaN", np.full((5, 2), np.nan), some[:5], 3
    yield "whole numbers", draw.integers(-50, 50, (40, 2)), np.arange(1, 41), 5
    yield "single precision", plain.astype(np.float32), some.astype(np.float32), 5
    yield "points close together and far from the origin", 1000.0 + 0.001 * plain, some, 5
    yield "weights of very different size", plain, 10.0 ** draw.uniform(-6, 6, 40), 5
    yield "seven coordinates", draw.normal(size=(30, 7)), some[:30], 5
    yield "one coordinate", draw.normal(size=(133, 1)), draw.uniform(1.0, 2.0, 133), 9


def check(program, answer, wanted, name):
    """Refuse with a sentence what is not the array of the reference."""
    shape = "x".join(map(str, wanted.shape))
    if not isinstance(answer, np.ndarray) or answer.dtype != np.float64 or answer.shape != wanted.shape:
        what = f"{answer.dtype} {answer.shape}" if isinstance(answer, np.ndarray) else type(answer).__name__
        program.reject(f"{name}: lightest() returned {what}; it must return a float64 array of {shape}")
    right = np.isclose(answer, wanted, rtol=CLOSE, atol=0.0, equal_nan=True)
    if not right.all():
        row, place = np.argwhere(~right)[0]
        program.reject(
            f"{name}: entry {place} of row {row} is {answer[row, place]!r} instead of {wanted[row, place]!r}, "
            f"{(~right).sum()} of {right.size} entries are wrong"
        )
