# what: recurses nine hundred deep, as far as Python lets it
# expect: valid


def add(numbers, depth):
    return sum(numbers) if depth == 0 else add(numbers, depth - 1)


def solve(numbers):
    return add(numbers, 900)
