# expect: wrong
"""Makes the instance easier in place; the evaluator has its own copy."""


def place(sizes, loads, gpus, capacity):
    sizes[:] = [1]
    loads[:] = [1]
    return [0]
