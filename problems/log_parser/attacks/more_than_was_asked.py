# expect: wrong
"""One perfect line, over and over."""


def parse(lines):
    return [["<*>", [line]] for line in lines] * 2
