# what: hides NaN in arrays of half, long and complex numbers
# expect: output
# judge: arrays
import numpy

asked = []


def solve(numbers):
    asked.append(1)
    kinds = ("f2", "longdouble", "complex128")
    return numpy.full((2, 2), numpy.nan, dtype=kinds[len(asked) % 3])
