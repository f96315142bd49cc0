# what: raises MemoryError, hoping that the case is measured again rather than counted
# expect: memory


def solve(numbers):
    raise MemoryError
