# expect: wrong
"""More than fits: the free memory is negative, and so would be the pressure."""


def place(sizes, loads, gpus, capacity):
    return [0] * len(sizes)
