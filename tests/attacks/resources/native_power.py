# what: one multiplication of integers that takes hours inside the interpreter
# expect: timeout | memory
# limits: wall=0.3


def solve(numbers):
    return (3 ** (1 << 24)) ** 3 % 7
