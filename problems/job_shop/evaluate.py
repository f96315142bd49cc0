"""Scores a dispatch rule for job shops: the schedule is built here (shop.py), the rule only chooses who is next.

The bound 0 is proven: the score compares the makespan with a lower bound (shop.lower_bound).
"""

from dataclasses import fields

import numpy as np
from shop import Waiting, dispatch, ends, instance, lower_bound

INSTANCES = {"search": 3, "holdout": 40}
"""So few to search with that a rule can fit their accidents; the held-out ones, of the same kind, tell."""

FACTS = [field.name for field in fields(Waiting)]


def cases(split):
    """Fixed random shops of 10 jobs on 5 machines; those held out are others."""
    return [{"jobs": instance(f"{split}:{number}")} for number in range(INSTANCES[split])]


def evaluate(program, case):
    """Percent of the makespan above the lower bound, and when jobs end on average (percent of the makespan)."""
    jobs = case["jobs"]
    ended = ends(jobs, dispatch(jobs, lambda waiting: first_choice(program, waiting)))
    bound = lower_bound(jobs)
    return {
        "excess": 100.0 * (max(ended) - bound) / bound,
        "mean_end": 100.0 * sum(ended) / len(ended) / max(ended),
    }


def first_choice(program, waiting):
    """Which of the waiting operations the program gives the highest priority; the first of equals."""
    facts = [np.array([getattr(each, name) for each in waiting], dtype=float) for name in FACTS]
    answer = program.call("priority", *facts, allow_nan=True)
    if not isinstance(answer, np.ndarray) or answer.dtype.kind not in "iuf" or answer.shape != (len(waiting),):
        program.reject(f"priority() must return a numpy array of {len(waiting)} real numbers, one for each operation")
    if np.isnan(answer).any():
        told = ", ".join(f"{name} {fact[np.isnan(answer)][0]:g}" for name, fact in zip(FACTS, facts, strict=True))
        program.reject(f"priority() is NaN for an operation with {told}")
    return int(np.argmax(answer))
