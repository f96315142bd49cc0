# what: returns eighty megabytes
# expect: output | memory


def solve(numbers):
    return bytes(80_000_000)
