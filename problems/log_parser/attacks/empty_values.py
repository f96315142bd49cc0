# expect: wrong
"""Marks with nothing in them, so that a template says the group instead of the line."""


def parse(lines):
    return [["<*>" * (1 + len(line.split())) + line, [""] * (1 + len(line.split()))] for line in lines]
