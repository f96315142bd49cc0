# what: raises and answers with objects whose pickling and copying would run code
# expect: output | crash
import os


class Evil(Exception):
    def __reduce__(self):
        return os._exit, (0,)

    __reduce_ex__ = lambda self, protocol: self.__reduce__()
    __copy__ = __deepcopy__ = lambda self, *given: os._exit(0)


asked = []


def solve(numbers):
    asked.append(1)
    if len(asked) % 2:
        return Evil("score: 999.0")
    raise Evil("score: 999.0")
