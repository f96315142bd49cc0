# what: answers with lists whose items are other ones each time somebody goes through them
# expect: wrong


class Fickle(list):
    passes = 0

    def __iter__(self):
        Fickle.passes += 1
        return iter([Fickle.passes, "0" * 64])


def solve(numbers):
    return Fickle([sum(numbers), 0])
