# what: adds the numbers up and says so
# expect: valid


def solve(numbers):
    print("adding", len(numbers), "numbers")
    return sum(numbers)
