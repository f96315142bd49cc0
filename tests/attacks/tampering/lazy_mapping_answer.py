# what: answers with a mapping that makes up its items when it is asked for them
# expect: output
from collections import UserDict


class Lazy(UserDict):
    def __getitem__(self, key):
        return 999.0

    def keys(self):
        return ["score", "value"]


def solve(numbers):
    return Lazy(score=1.0)
