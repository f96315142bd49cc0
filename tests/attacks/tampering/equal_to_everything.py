# what: answers with an object that is equal to everything, close to everything and larger than nothing
# expect: output


class Anything:
    def yes(self, *others):
        return True

    def zero(self, *others):
        return 0

    def itself(self, *others):
        return self

    __eq__ = __lt__ = __le__ = __bool__ = __contains__ = yes
    __ne__ = __gt__ = __ge__ = __hash__ = __len__ = __int__ = __index__ = zero
    __sub__ = __rsub__ = __add__ = __radd__ = __abs__ = __mul__ = __rmul__ = __round__ = __neg__ = itself

    def __float__(self):
        return 0.0


def solve(numbers):
    return Anything()
