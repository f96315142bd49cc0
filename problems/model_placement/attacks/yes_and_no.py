# expect: wrong
"""Truth values, which count as 0 and 1 in careless arithmetic."""


def place(sizes, loads, gpus, capacity):
    return [model % 2 == 0 for model in range(len(sizes))]
