# what: answers with a float that compares equal to everything and is no distance from anything
# expect: wrong


class Sly(float):
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    __lt__ = __le__ = __eq__
    __gt__ = __ge__ = __ne__

    def __hash__(self):
        return 0

    def __sub__(self, other):
        return self

    __rsub__ = __add__ = __radd__ = __mul__ = __rmul__ = __sub__

    def __abs__(self):
        return self


def solve(numbers):
    return Sly(0.0)
