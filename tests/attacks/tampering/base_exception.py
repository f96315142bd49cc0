# what: raises an exception that no `except Exception` stops
# expect: crash


class Evil(BaseException):
    pass


def solve(numbers):
    raise Evil('{"score": 999.0}')
