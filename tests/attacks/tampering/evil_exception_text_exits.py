# what: raises an exception whose text leaves with exit code 0
# expect: crash


class Evil(Exception):
    def __str__(self):
        print('{"score": 999.0}', flush=True)
        raise SystemExit(0)

    __repr__ = __str__


def solve(numbers):
    raise Evil
