"""Turns log lines into templates and values."""

from reading import load, mask
from templates import merge


def parse(lines):
    """`[template, values]` for each line: the rules mask what is surely a value, then the lines teach the rest."""
    patterns = load()
    return merge([mask(line, patterns) for line in lines])
