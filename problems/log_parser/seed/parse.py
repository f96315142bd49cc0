"""Turns log lines into templates and values."""

from reading import load, mask
from templates import merge

SIMILAR = 0.95  # the share of words that two lines of one template have in common
HEAD = 0  # so many words at the beginning must be the same


def parse(lines):
    """`[template, values]` for each line: the rules mask what is surely a value, then similar lines are merged."""
    patterns = load()
    return merge([mask(line, patterns) for line in lines], SIMILAR, HEAD)
