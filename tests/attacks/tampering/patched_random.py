# what: makes random give ones only, so that hidden numbers drawn later are known
# expect: wrong
import random

for name in ("random", "randint", "randrange", "uniform", "getrandbits", "choice"):
    setattr(random, name, lambda *given: 1)
    setattr(random.Random, name, lambda self, *given: 1)


def solve(numbers):
    return 16
