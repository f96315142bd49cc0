# what: answers with -0.0, which is 0 to some comparisons and not to others
# expect: wrong


def solve(numbers):
    return -0.0
