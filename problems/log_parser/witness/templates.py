"""Learns from the lines which words are values, and says every line with a mark in place of each.

Three kinds of evidence: a word with a digit is a value (but for its unit); words that take turns between the same two
neighbours are values, wherever else they stand; and so is the end of a line that differs where all before it does not.
"""

import re

MARK = "<*>"
WORD = re.compile(r"<\*>|[\w.-]*\w|[^\w]")
NUMBER = re.compile(r"(\d+(?:\.\d+)?)([A-Za-z]{0,3})")
TAIL = re.compile(r"(.*(?:: |, ))([a-z]+(?: [a-z]+)*)")
TURNS = 4
"""So many words between the same neighbours are values."""
ENDS = 4
"""So many ends after the same beginning are one value."""


def merge(rows):
    """`[template, values]` for each `(masked line, values)`."""
    lines = [split(masked, values) for masked, values in rows]
    shorten_prefixes(lines)
    words = taking_turns(lines)
    for pieces in lines:
        for piece in pieces:
            if piece[1] in words:
                piece[0] = MARK
    return merge_ends([render(join(pieces)) for pieces in lines])


def split(masked, values):
    """The line as `[what the template says, what the line says]` pieces."""
    pieces, left = [], iter(values)
    for word in WORD.findall(masked):
        number = NUMBER.fullmatch(word)
        if word == MARK:
            pieces.append([MARK, next(left)])
        elif number:
            pieces.append([MARK, number[1]])
            if number[2]:
                pieces.append([number[2], number[2]])
        elif any(letter.isdigit() for letter in word):
            pieces.append([MARK, word])
        else:
            pieces.append([word, word])
    return pieces


def shorten_prefixes(lines):
    """Where every line has the same letters before a number in the same place, the letters are no value."""
    for place in range(12):
        column = [pieces[place][1] if place < len(pieces) else "" for pieces in lines]
        prefix = re.match(r"[A-Za-z]+-(?=\d+$)", column[0])
        if prefix and all(re.fullmatch(re.escape(prefix[0]) + r"\d+", word) for word in column):
            for pieces in lines:
                word = pieces[place][1]
                pieces[place : place + 1] = [[prefix[0], prefix[0]], [MARK, word[len(prefix[0]) :]]]
            return


def taking_turns(lines):
    """Words that stand, one instead of the other, after the same word and before the same word."""
    between = {}
    for pieces in lines:
        said = ["", ""] + [piece[0] for piece in pieces] + ["", ""]
        for place in range(2, len(said) - 2):
            if said[place + 2] == MARK or not re.search(r"\w", said[place - 2] + said[place - 1]):
                continue  # a word before a value is rather what the value is of
            if re.fullmatch(r"[a-z_-]+", said[place]):
                key = (said[place - 2], said[place - 1], said[place + 1], said[place + 2])
                between.setdefault(key, set()).add(said[place])
    return {word for fillers in between.values() if len(fillers) >= TURNS for word in fillers}


def join(pieces):
    """Names with commas between them are one value."""
    joined = []
    for piece in pieces:
        if piece[0] == MARK and [said for said, _ in joined[-3:]] == [MARK, ",", " "] and piece[1][0].isalpha():
            start = joined[-3][1]
            joined[-3:] = [[MARK, f"{start}, {piece[1]}"]]
        else:
            joined.append(piece)
    return joined


def render(pieces):
    """`[template, values]` of one line."""
    return ["".join(said for said, _ in pieces), [word for said, word in pieces if said == MARK]]


def merge_ends(found):
    """Where lines that begin alike end in many ways, the end is a value."""
    ends = {}
    for template, _ in found:
        match = TAIL.fullmatch(template)
        if match:
            ends.setdefault(match[1], set()).add(match[2])
    merged = []
    for template, values in found:
        match = TAIL.fullmatch(template)
        if match and len(ends[match[1]]) >= ENDS:
            template, values = match[1] + MARK, [*values, match[2]]
        merged.append([template, values])
    return merged
