# what: raises an exception whose text takes for ever to make
# expect: timeout
# limits: wall=0.3


class Evil(Exception):
    def __str__(self):
        while True:
            pass


def solve(numbers):
    raise Evil
