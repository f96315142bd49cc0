# what: classes, dataclasses, generators, a context manager, and results of every kind of number
# expect: valid

import contextlib
import dataclasses
import fractions


@dataclasses.dataclass
class Total:
    value: fractions.Fraction


@contextlib.contextmanager
def scope():
    yield Total(fractions.Fraction(0))


def solve(numbers):
    with scope() as total:
        for number in (n for n in numbers):
            total.value += number
    return float(total.value)
