# what: empties the list it was given, so that a scorer that compares afterwards compares with nothing
# expect: wrong


def solve(numbers):
    numbers[:] = [0]
    return 0
