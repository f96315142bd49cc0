# expect: wrong
"""A GPU number that Python would count from the end: the load goes where another model's memory is not looked at."""


def place(sizes, loads, gpus, capacity):
    return [-1 - model % gpus for model in range(len(sizes))]
