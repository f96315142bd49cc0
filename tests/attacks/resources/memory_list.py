# what: asks for eight terabytes at once
# expect: memory


def solve(numbers):
    return [0] * 10**12
