# what: answers with a text whose plain form is again of its own kind, for ever
# expect: crash | output


class Text(str):
    def __str__(self):
        return Text(self + "x")


def solve(numbers):
    return Text("x")
