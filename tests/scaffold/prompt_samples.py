"""Two tasks and their occasions, for tests of prompts: one file with a marked region, and several files."""

import random
from dataclasses import replace

from evolve.domain import Completion, Direction, Finish, Status, Usage
from evolve.scaffold.base import EliteView, FailureView, ModelView, ScoredView, SearchView, TaskView
from evolve.scaffold.occasion import Lesson, Occasion

FIT = '''"""A curve."""
import math


# EVOLVE-BLOCK-START
def curve(x):
    return {a} * x * x + {b}
# EVOLVE-BLOCK-END


def main(x):
    return curve(float(x))
'''

ONE_FILE = TaskView(
    name="curve",
    statement="Find a function `curve(x)` that follows hidden points.\n",
    language="python",
    entry="curve.py",
    editable=("curve.py",),
    seed_files={"curve.py": FIT.format(a=1.0, b=0.5)},
    measures=("program_length",),
    editable_globs=("curve.py",),
    objective="error",
    direction=Direction.MINIMIZE,
    unit="mm",
    seconds=2.0,
)

RULES = '''WEIGHTS = [{weights}]


def pick(item, bins):
    """The bin an item goes into."""
    return max(bins, key=lambda bin: sum(w * f for w, f in zip(WEIGHTS, features(item, bin))))
'''

MAIN = """from packing.rules import pick


def run(items):
    return [pick(item, [1, 2, 3]) for item in items]
"""

MANY_FILES = TaskView(
    name="packing",
    statement="# Packing\n\nFill as few bins as possible.\n\n## Rules\n\nNo bin may hold more than 100.\n",
    language="python",
    entry="packing/main.py",
    editable=("packing/main.py", "packing/rules.py"),
    seed_files={
        "packing/main.py": MAIN,
        "packing/rules.py": RULES.format(weights="1.0"),
        "packing/api.py": "def features(item, bin):\n    return [bin - item]\n",
    },
    measures=("program_length", "variety"),
    editable_globs=("packing/main.py", "packing/rules.py", "packing/lib/*.py"),
    objective="items",
    seconds=10.0,
    memory=2 * 1024**3,
)

MODEL = ModelView("openai/gpt-x", 1.0, 10.0, context=128_000, output=16_384)


def elite(number: int, files: dict[str, str], score: float, **more: object) -> EliteView:
    return replace(EliteView(number, files, score, None, 0, number, 0, "mutate"), **more)  # pyright: ignore


def one_file() -> Occasion:
    """A failing region, noisy scores, feedback and artifacts."""
    parent = elite(
        12,
        {"curve.py": FIT.format(a=2.5, b=0.25)},
        -0.3412,
        stderr=0.0123,
        n=5,
        feedback="at x = 2 the curve is too high by 0.31\nat x = -1 it is too low by 0.02",
        metrics={"error": 0.3412, "worst": 0.81, "length": 143.0},
        artifacts={"residuals": "x=-1: -0.02\nx=0: 0.1\nx=2: 0.31"},
        idea="A steeper parabola fits the right side better.",
    )
    other = elite(
        7, {"curve.py": FIT.format(a=1.5, b=-0.25)}, -0.52, stderr=0.02, n=5, metrics={"error": 0.52, "worst": 0.6}
    )
    third = elite(9, {"curve.py": FIT.format(a=2.0, b=-1.0)}, -0.41, stderr=0.01, n=5, idea="Lower at x = 0.")
    crash = FailureView(
        15,
        {"curve.py": FIT.format(a="math.sqrt(x)", b=0.25)},
        Status.CRASH,
        'Traceback (most recent call last):\n  File "curve.py", line 7, in curve\nValueError: math domain error',
        (12,),
        "mutate",
        "A square root grows more slowly on the right.",
    )
    slow = FailureView(14, {"curve.py": "..."}, Status.TIMEOUT, "no result after 2 s", (9, 7), "crossover")
    lessons = (
        Lesson(8, "Tried: a larger slope; error improved from 0.52 to 0.41 mm", "mutate", 0.11, True, 0.8),
        Lesson(11, "Tried: a cubic term; error got worse, from 0.41 to 0.6 mm", "rewrite", -0.19, False, 0.2),
    )
    view = SearchView(16, "s", 0, (parent, third, other), best=parent, models=(MODEL,))
    return Occasion(
        ONE_FILE, view, parent, (third, other), lessons, (crash, slow), crash, MODEL, "diff", 24_000, random.Random(1)
    )


def many_files() -> Occasion:
    """Several files, one of them fixed and one added; exact scores; whole files asked for."""
    files = {**MANY_FILES.seed_files, "packing/rules.py": RULES.format(weights="1.0, 0.3")}
    parent = elite(3, {**files, "packing/lib/extra.py": "LIMIT = 100\n"}, 41.0, metrics={"items": 41.0, "variety": 7.0})
    mate = elite(5, {**files, "packing/main.py": MAIN.replace("3]", "3, 4]")}, 40.5, metrics={"variety": 12.0})
    wrong = FailureView(
        6,
        {**files, "packing/rules.py": RULES.format(weights="")},
        Status.WRONG,
        "bin 2 holds 104",
        (3,),
        "mutate",
        "No.",
    )
    view = SearchView(9, "s", 1, (parent, mate), best=parent, models=(MODEL,))
    return Occasion(MANY_FILES, view, parent, (mate,), (), (), wrong, MODEL, "whole", 24_000, random.Random(1))


BAD_EDIT = """Idea: Halve the slope.

curve.py
<<<<<<< SEARCH
    return 2 * x
=======
    return x
>>>>>>> REPLACE
"""

PLAN = """<think>The residuals grow on the right, so ...</think>
1. The curve is too high on the right.
2. A smaller slope, or a logarithm.
3. **Idea:** A slope of 2.4 takes 0.31 off at x = 2.
"""


def answered(text: str, finish: Finish = Finish.STOP, reason: str = "") -> Completion:
    return Completion(text, finish, MODEL.name, Usage(1000, 0, 100, 0), 0.002, reason=reason)


def scored(**changes: object) -> ScoredView:
    """An improvement of the one-file parent."""
    view = ScoredView(
        number=16,
        island=0,
        operator="mutate",
        tag="",
        idea="A slope of 2.4 takes 0.31 off at x = 2.",
        model=MODEL.name,
        files={"curve.py": FIT.format(a=2.4, b=0.25)},
        base_files={"curve.py": FIT.format(a=2.5, b=0.25)},
        status=Status.VALID,
        score=-0.2712,
        stderr=0.0123,
        base_score=-0.3412,
        feedback="at x = 2 the curve is too high by 0.02",
    )
    return replace(view, **changes)  # pyright: ignore
