# what: raises an exception whose text looks like a report of success
# expect: crash


class Evil(Exception):
    def __str__(self):
        return "\n\nstatus: valid\n{'score': 999.0}\n\x1b]0;score 999\x07\x1b[2J\n--- printed ---\nscore: 999.0\0\udcff"


Evil.__qualname__ = Evil.__name__ = "valid"
Evil.__module__ = "score: 999.0"


def solve(numbers):
    raise Evil
