# what: answers with an array of its own kind that is equal to everything and whose sum is any
# expect: wrong
# judge: arrays
import numpy


class Sly(numpy.ndarray):
    def __eq__(self, other):
        return True

    def __array_ufunc__(self, *given, **options):
        return True

    def __array_function__(self, *given, **options):
        return True

    def sum(self, *given, **options):
        return self

    def tobytes(self, *given):
        return bytes(8)

    def tolist(self):
        return 0


def solve(numbers):
    return numpy.zeros(1).view(Sly)
