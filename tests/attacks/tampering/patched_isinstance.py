# what: isinstance and issubclass say yes to everything, and a thing that is no data is the answer
# expect: output | crash | wrong
import builtins

builtins.isinstance = lambda value, kinds: True
builtins.issubclass = lambda kind, kinds: True


class Anything:
    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0

    def __float__(self):
        return 1.0


def solve(numbers):
    return Anything()
