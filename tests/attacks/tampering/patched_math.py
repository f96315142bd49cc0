# what: math.isclose, isfinite and fsum say what it wants, and the answer is off
# expect: wrong
import math

math.isclose = lambda *given, **options: True
math.isfinite = lambda value: True
math.isnan = math.isinf = lambda value: False
math.fsum = lambda values: 0.0
math.sqrt = math.fabs = lambda value: 0.0


def solve(numbers):
    return 1
