# what: takes the state of random and numpy's generator when loaded, and looks whether questions come from it
# expect: valid
# score: 1.0
# escaped: 0
# judge: twice
import random

state = random.getstate()
before = random.Random()
before.setstate(state)
expected = {before.randrange(1, 10**9) for _ in range(2000)}
dice = random.Random()
dice.setstate(state)
expected |= {int(dice.random() * 1e9) for _ in range(2000)}


def solve(numbers):
    hits = sum(number in expected for number in numbers)
    return {"value": sum(numbers), "escaped": ["the generator"] if hits > 2 else []}
