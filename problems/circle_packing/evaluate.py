"""Scores a packing of circles in the unit square; feasibility is decided exactly, with tolerance zero.

Published records have been wrong by 1e-12 to 3e-7 because their checks allowed that much. Here every coordinate is
read as the exact rational a float is, and only pairs that floats cannot decide are compared in whole numbers.

The bound in problem.toml: sum of radii <= sqrt(n h(6 - 2/n)) with h(k) = 1 / (k tan(pi/k)); 2.73588 for n = 26.
Proof, by L. Fejes Toth's way with equal circles. Drop circles of radius 0 (the bound grows with n). The power diagram
of the circles cuts the square into n convex polygons that meet side to side. Each holds its circle, so a polygon of k
sides has an area a >= r^2 k tan(pi/k) = r^2 / h(k). By Cauchy and Schwarz (sum r)^2 <= (sum a)(sum h(k)) = sum h(k).
With t = 1/k, h = t cot(pi t) has dh/dk = -t^2 dh/dt = (t / sin(pi t))^2 (2 pi t - sin(2 pi t)) / 2, which is positive
and grows with t, so h is increasing and concave in k, and sum h(k) <= n h(mean k). Last, mean k <= 6 - 2/n: with V
vertices, E edges and b edges on the rim, Euler's V - E + n = 1, 2E >= 3V - 4 (only the square's corners may have two
edges) and sum k = 2E - b, b >= 4.
"""

import math

import numpy as np

CLEAR = 1e-9
"""Rounding errs by less than 1e-14 on numbers of at most 2, so a gap wider than this is one."""

MOST = 500
"""Circles; checking all pairs of them takes some 20 ms."""

TOUCH = 1e-3
"""A circle this near to a side counts as lying at it (a measure only, never the score)."""


def cases(split, parameters):
    """One task and nothing held out: the packing itself is the result, there is no sample to overfit to."""
    n = parameters["n"]
    if not 1 <= n <= MOST:
        raise ValueError(f"parameter n = {n} must be from 1 to {MOST}: how many circles")
    return [{"n": n}] if split == "search" else []


def evaluate(program, case):
    """The sum of radii of a feasible packing, and two numbers that tell packings apart."""
    x, y, r = read_circles(program, case["n"]).T
    check_square(program, x, y, r)
    check_overlaps(program, x, y, r)
    sides = np.minimum.reduce([x - r, y - r, 1 - x - r, 1 - y - r])
    return {
        "sum_of_radii": math.fsum(r),
        "radius_spread": float(r.std() / max(r.mean(), 1e-12)),
        "at_sides": int((sides < TOUCH).sum()),
    }


def read_circles(program, n):
    """The candidate's answer as an (n, 3) array of finite floats with radii of at least 0."""
    answer = program.call("pack", n, allow_nan=True)
    try:
        circles = np.asarray(answer)
    except ValueError:
        program.reject(f"pack({n}) must return {n} rows of x, y, r; its rows have different lengths")
    if circles.shape != (n, 3) or circles.dtype.kind not in "iuf":
        program.reject(f"pack({n}) must return {n} rows of three numbers x, y, r; got {describe(circles)}")
    circles = circles.astype(np.float64)
    for problem, bad in (("is not finite", ~np.isfinite(circles)), ("is negative", circles < [-np.inf, -np.inf, 0])):
        if bad.any():
            row, column = np.argwhere(bad)[0]
            program.reject(f"circle {row}: {'xyr'[column]} {problem} ({circles[row, column]})")
    return circles


def describe(circles):
    kind = {"U": "text", "O": "objects", "b": "booleans", "c": "complex numbers"}.get(circles.dtype.kind, "numbers")
    return f"{kind} of shape {circles.shape}"


def check_square(program, x, y, r):
    """Reject unless every circle lies in [0, 1] x [0, 1], exactly."""
    with np.errstate(over="ignore"):  # beyond by infinity is beyond
        beyond = np.maximum.reduce([r - x, r - y, x + r - 1, y + r - 1])
    for i in np.argsort(-beyond):
        if beyond[i] < -CLEAR:
            break
        if beyond[i] > CLEAR or reaches_out(x[i], y[i], r[i]):
            program.reject(f"circle {i} reaches beyond the square by {amount(beyond[i])}")


def reaches_out(*circle):
    x, y, r, one = whole_numbers([*circle, 1.0])
    return x < r or y < r or x + r > one or y + r > one


def check_overlaps(program, x, y, r):
    """Reject unless no two interiors meet, exactly; the deepest overlap is reported."""
    first, second = np.triu_indices(len(r), 1)
    distance = np.hypot(x[first] - x[second], y[first] - y[second])
    depth = r[first] + r[second] - distance
    near = np.flatnonzero(depth > -CLEAR)
    near = near[np.argsort(-depth[near])]
    clear = int((depth > CLEAR).sum())
    exact = whole_numbers([*x, *y, *r]) if len(near) > clear == 0 else []
    for pair in near:
        i, j = int(first[pair]), int(second[pair])
        if clear or interiors_meet(exact, len(r), i, j):
            more = f" (and {clear - 1} more pairs)" if clear > 1 else ""
            program.reject(f"circles {i} and {j} overlap by {amount(depth[pair])}{more}")


def interiors_meet(exact, n, i, j):
    """Whether dx^2 + dy^2 < (ri + rj)^2 in whole numbers."""
    dx, dy, reach = exact[i] - exact[j], exact[n + i] - exact[n + j], exact[2 * n + i] + exact[2 * n + j]
    return dx * dx + dy * dy < reach * reach


def whole_numbers(values):
    """The values times one power of two that makes all of them whole: the same geometry, without rounding."""
    ratios = [float(value).as_integer_ratio() for value in values]
    scale = max(denominator for _, denominator in ratios)
    return [numerator * (scale // denominator) for numerator, denominator in ratios]


def amount(depth):
    return f"{depth:.1e}" if depth > 1e-15 else "less than 1e-15; the check is exact, leave a margin"
