# what: returns a list nested a hundred thousand deep
# expect: output | crash


def solve(numbers):
    value = []
    for _ in range(100_000):
        value = [value]
    return value
