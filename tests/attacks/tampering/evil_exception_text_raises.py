# what: raises an exception whose text cannot be made, nor its representation
# expect: crash


class Evil(Exception):
    def __str__(self):
        raise self

    __repr__ = __str__


def solve(numbers):
    raise Evil
