# what: answers with an array that claims a terabyte and holds eight bytes
# expect: memory | output | crash
import numpy


def solve(numbers):
    return numpy.broadcast_to(numpy.float64(sum(numbers)), (1 << 20, 1 << 17))
