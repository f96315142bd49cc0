# what: answers with an integer of sixty thousand bits, which no float can hold
# expect: wrong


def solve(numbers):
    return 1 << 60_000
