# expect: crash
"""Looks for the instances where the evaluator has them, to solve them beforehand."""

import shop

SHOPS = [shop.instance(f"holdout:{number}") for number in range(40)]


def priority(duration, work_left, steps_left, next_duration, next_busy, waited):
    return -duration
