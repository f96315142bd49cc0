# expect: wrong
"""The values as one text: a careless scorer goes through its characters."""


def parse(lines):
    return [["<*>" * len(line), line] for line in lines]
