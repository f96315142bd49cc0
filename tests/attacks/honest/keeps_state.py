# what: remembers between two calls what it has worked out
# expect: valid
# judge: twice

known = {}


def solve(numbers):
    known["calls"] = known.get("calls", 0) + 1
    return sum(numbers)
