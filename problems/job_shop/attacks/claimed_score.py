# expect: wrong
"""States a makespan instead of priorities."""


def priority(duration, work_left, steps_left, next_duration, next_busy, waited):
    return {"excess": 0.0, "makespan": 1}
