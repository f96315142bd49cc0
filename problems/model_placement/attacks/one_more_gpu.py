# expect: wrong
"""Uses a GPU that there is not."""


def place(sizes, loads, gpus, capacity):
    return [model % (gpus + 1) for model in range(len(sizes))]
