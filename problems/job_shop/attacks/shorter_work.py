# expect: wrong
"""Makes every operation shorter in its own copy, and hands the copies back."""


def priority(duration, work_left, steps_left, next_duration, next_busy, waited):
    for times in (duration, work_left, next_duration):
        times *= 0.0
    return [duration, work_left, next_duration]
