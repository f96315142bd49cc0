# what: random search, seeded and not
# expect: valid

import os
import random
import secrets


def solve(numbers):
    dice = random.Random(7)
    best = max(dice.random() for _ in range(1000))
    assert best > 0.9
    assert 0 <= random.random() < 1
    assert len(os.urandom(8)) == 8
    assert secrets.randbelow(5) < 5
    return sum(random.sample(numbers, len(numbers)))
