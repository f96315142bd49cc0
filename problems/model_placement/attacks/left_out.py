# expect: wrong
"""Places all models but the busiest."""


def place(sizes, loads, gpus, capacity):
    return [model % gpus for model in range(len(sizes) - 1)]
