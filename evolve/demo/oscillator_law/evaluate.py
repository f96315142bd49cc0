"""Scores a law of motion: the root mean square of its residuals on trajectories of a hidden oscillator."""

import math

STARTS = {
    "search": ((0.5, 0.0), (-1.6, 0.8), (1.2, -1.5)),
    "holdout": ((1.9, 0.3), (-0.4, -1.8), (-1.1, 1.4), (0.9, 1.1), (-1.8, -0.2), (0.2, 1.7), (1.5, -0.9), (-0.7, 0.4)),
}
STEPS, STEP, EVERY = 1200, 0.01, 12
"""A trajectory of 12 seconds, of which every 12th step is measured: 100 points."""


def cases(split):
    """One case per initial position and velocity."""
    return [{"points": trajectory(x, v)} for x, v in STARTS[split]]


def true_acceleration(t, x, v):
    """A softening spring, linear and quadratic resistance, and a force of period 2 pi / 1.7."""
    return -1.9 * x + 0.32 * x**3 - 0.15 * v - 0.35 * v * abs(v) + 0.9 * math.cos(1.7 * t)


def trajectory(x, v):
    """Rows of time, position, velocity; semi-implicit Euler is more than precise enough here."""
    points = []
    for step in range(STEPS):
        t = step * STEP
        if step % EVERY == 0:
            points.append([t, x, v])
        v += STEP * true_acceleration(t, x, v)
        x += STEP * v
    return points


def evaluate(program, case):
    """Error in percent, the answer's spread against the true one's, and where the residuals lie."""
    points = case["points"]
    answer = program.call("table", points)
    if not isinstance(answer, list) or len(answer) != len(points):
        program.reject(f"table(points) must return one number for each of the {len(points)} points")
    for value, point in zip(answer, points, strict=True):
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e6:
            at = ", ".join(f"{part:.4g}" for part in point)
            program.reject(f"acceleration({at}) is {value!r}, not a float below 1e6")
    truth = [true_acceleration(*point) for point in points]
    residuals = [value - right for value, right in zip(answer, truth, strict=True)]
    norm = root_mean_square(truth)
    return {
        "error": 100.0 * root_mean_square(residuals) / norm,
        "swing": root_mean_square(answer) / norm,
        "feedback": feedback(points, residuals),
        "artifacts": {"residuals": table_of(points, residuals)},
    }


def root_mean_square(values):
    """Of any numbers, at least one."""
    return math.sqrt(sum(value * value for value in values) / len(values))


BINS = (("x", 1), ("v", 2))


def feedback(points, residuals):
    """The two bins with the largest mean residual, in words."""
    means = [
        (mean, f"where {name} is {place}") for name, column in BINS for place, mean in split(points, residuals, column)
    ]
    means.sort(key=lambda entry: -abs(entry[0]))
    lines = [
        f"{where}, the acceleration returned is too {'large' if mean > 0 else 'small'} by {abs(mean):.3f} on average"
        for mean, where in means[:2]
    ]
    return "\n".join(lines)


def split(points, residuals, column):
    """Mean residuals of the lower, middle and upper range of a column."""
    for place, low, high in (("negative", -9.0, -0.5), ("near zero", -0.5, 0.5), ("positive", 0.5, 9.0)):
        inside = [each for point, each in zip(points, residuals, strict=True) if low <= point[column] < high]
        if inside:
            yield place, sum(inside) / len(inside)


def table_of(points, residuals):
    """Time, position, velocity and residual of every tenth point."""
    rows = [
        f"t={t:.2f} x={x:+.3f} v={v:+.3f} residual {each:+.3f}"
        for (t, x, v), each in list(zip(points, residuals, strict=True))[::10]
    ]
    return "\n".join(rows)
