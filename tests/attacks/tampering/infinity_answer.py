# what: answers with infinity, beyond every bound
# expect: output


def solve(numbers):
    return float("inf")
