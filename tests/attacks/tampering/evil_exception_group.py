# what: raises ten thousand exceptions in each other
# expect: crash | memory


def solve(numbers):
    error = ValueError("score: 999.0")
    for _ in range(10_000):
        error = ExceptionGroup("valid", [error])
    raise error
