# expect: wrong
"""Between two GPUs, in the hope that rounding is kind."""


def place(sizes, loads, gpus, capacity):
    return [model % gpus + 0.5 for model in range(len(sizes))]
