# what: hides NaN and infinity in lists, complex numbers, keys and behind values whose sum is finite
# expect: output


def solve(numbers):
    nan, inf = float("nan"), float("inf")
    return {"value": [sum(numbers), [1.0, 2.0, inf, -inf], {nan: complex(0, nan)}]}
