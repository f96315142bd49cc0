# what: an exception with a text of fifty megabytes and a chain of three thousand causes
# expect: crash | memory | timeout


def solve(numbers):
    error = ValueError("x" * 50_000_000)
    for number in range(3000):
        cause, error = error, ValueError(str(number))
        error.__cause__ = cause
    raise error
