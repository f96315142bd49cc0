# what: answers with an int that compares equal to everything, and is another number each time it is looked at
# expect: wrong


class Sly(int):
    looks = 0

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0

    def __sub__(self, other):
        return 0

    __rsub__ = __sub__

    def __int__(self):
        Sly.looks += 1
        return Sly.looks

    __index__ = __int__


def solve(numbers):
    return Sly(1)
