# what: adds the numbers up and says so
# expect: valid
# core


def solve(numbers):
    print("adding", len(numbers), "numbers")
    return sum(numbers)
