# what: raises exceptions that cause each other in a circle and a long chain
# expect: crash | memory


def solve(numbers):
    first, second = ValueError("score"), KeyError("999.0")
    first.__cause__, second.__cause__ = second, first
    error = first
    for _ in range(5_000):
        after = RuntimeError("valid")
        after.__context__ = error
        error = after
    raise error
