# what: answers with a complex number, which has no order
# expect: wrong


def solve(numbers):
    return complex(sum(numbers), 1e-300)
