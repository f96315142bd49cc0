# what: answers with an object whose __class__ says int, and whose int says something else each time
# expect: wrong


class Liar:
    looks = 0
    __class__ = property(lambda self: int)

    def __int__(self):
        Liar.looks += 1
        return Liar.looks

    __index__ = __int__

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0


def solve(numbers):
    return Liar()
