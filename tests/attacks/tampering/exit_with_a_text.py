# what: leaves with a text and an object for an exit code
# expect: crash


class Code(str):
    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0


def solve(numbers):
    raise SystemExit(Code('{"score": 999.0}'))
