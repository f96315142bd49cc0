# what: is given an array, changes its own copy, returns a numpy number
# expect: valid
# judge: arrays


def solve(numbers):
    total = numbers.sum()
    numbers[:] = 0
    return total
