# what: prints for ever
# expect: output


def solve(numbers):
    for _ in range(10_000):
        print("x" * 100_000)
    return sum(numbers)
