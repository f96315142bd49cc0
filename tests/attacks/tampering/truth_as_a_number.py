# what: answers True, which is a number to Python
# expect: wrong


def solve(numbers):
    return True
