# what: answers with bytes that would run code if anybody unpickled them
# expect: wrong
import os
import pickle


class Evil:
    def __reduce__(self):
        return os._exit, (0,)


def solve(numbers):
    return [pickle.dumps(Evil()), pickle.dumps(Evil(), 0).decode()]
