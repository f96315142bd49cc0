# what: eight threads share the work
# expect: valid

from concurrent.futures import ThreadPoolExecutor


def solve(numbers):
    with ThreadPoolExecutor(8) as pool:
        return sum(pool.map(lambda number: number, numbers))
