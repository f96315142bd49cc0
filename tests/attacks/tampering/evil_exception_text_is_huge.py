# what: raises an exception with fifty megabytes of text, through a deep stack with long lines
# expect: crash | memory


def down(depth):
    return down(depth - 1) if depth else fail()


def fail():
    raise ValueError("score: 999.0\n" * 4_000_000)


def solve(numbers):
    down(800)
