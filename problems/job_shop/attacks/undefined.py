# expect: wrong
"""NaN where two operations are alike; argmax would take it for the largest."""


def priority(duration, work_left, steps_left, next_duration, next_busy, waited):
    return (duration - duration) / (next_busy - next_busy)
