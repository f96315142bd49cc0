# what: answers with a generator that would compute when somebody looks
# expect: output


def solve(numbers):
    return (sum(numbers) for _ in range(1))
