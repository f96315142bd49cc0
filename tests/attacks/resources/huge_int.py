# what: returns a correct sum, and an integer of a million bits
# expect: output


def solve(numbers):
    return {"value": sum(numbers), "also": 1 << 1_000_000}
