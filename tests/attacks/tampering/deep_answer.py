# what: answers with a hundred thousand lists in each other
# expect: output | crash


def solve(numbers):
    answer = sum(numbers)
    for _ in range(100_000):
        answer = [answer]
    return answer
