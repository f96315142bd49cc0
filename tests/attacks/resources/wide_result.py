# what: returns ten million small objects
# expect: output | memory | timeout


def solve(numbers):
    return [None, ""] * 10_000_000
