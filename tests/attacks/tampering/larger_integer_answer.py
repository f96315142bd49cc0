# what: answers with an integer of a million bits
# expect: output


def solve(numbers):
    return 1 << 1_000_000
