# what: answers with an object that claims to be whatever array somebody makes of it
# expect: output


class Chameleon:
    shape, dtype, ndim, size = (), "f8", 0, 1
    __array_priority__ = 1e9

    def __array__(self, *given, **options):
        import numpy

        return numpy.zeros(1)

    def __array_ufunc__(self, *given, **options):
        return True

    def __array_function__(self, *given, **options):
        return True

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0


def solve(numbers):
    return Chameleon()
