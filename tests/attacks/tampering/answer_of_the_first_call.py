# what: gives every question the answer of the first
# expect: wrong
# judge: twice
kept = []


def solve(numbers):
    kept.append(sum(numbers))
    return kept[0]
