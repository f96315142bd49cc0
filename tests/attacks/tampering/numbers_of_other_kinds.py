# what: answers with a Decimal and a Fraction that are exactly right and still no data
# expect: output
from decimal import Decimal
from fractions import Fraction


def solve(numbers):
    return {"value": Decimal(sum(numbers)), "other": Fraction(sum(numbers))}
