"""Reads rules.txt. This file may not change."""

import re


def load(path="rules.txt"):
    """The rules as compiled patterns, in order. A line of the file is a name, blanks, and a regular expression."""
    patterns = []
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            name, _, pattern = line.strip().partition(" ")
            try:
                patterns.append(re.compile(pattern.strip()))
            except re.error as error:
                raise ValueError(f"rules.txt line {number} ({name}): {error}") from None
    return patterns


def mask(line, patterns):
    """The line with `<*>` in place of what the rules match, and what they matched. Earlier rules win."""
    spans = []
    for pattern in patterns:
        for match in pattern.finditer(line):
            start, end = match.span()
            if start < end and all(end <= first or last <= start for first, last in spans):
                spans.append((start, end))
    template, values, at = "", [], 0
    for start, end in sorted(spans):
        template += line[at:start] + "<*>"
        values.append(line[start:end])
        at = end
    return template + line[at:], values
