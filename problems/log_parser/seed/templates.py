"""Merges lines that look alike into one template: words in which they differ are values."""

MARK = "<*>"


def merge(rows, similar, head):
    """`[template, values]` for each `(masked line, values)`."""
    groups = {}
    chosen = []
    for masked, _ in rows:
        words = masked.split(" ")
        known = groups.setdefault(len(words), [])
        pattern = closest(known, words, similar, head)
        if pattern is None:
            pattern = list(words)
            known.append(pattern)
        for place, word in enumerate(words):
            if pattern[place] != word:
                pattern[place] = None
        chosen.append(pattern)
    return [render(masked, values, pattern) for (masked, values), pattern in zip(rows, chosen, strict=True)]


def closest(known, words, similar, head):
    """The known pattern that shares most words, if it shares enough of them."""
    best, most = None, similar
    for pattern in known:
        if pattern[:head] != words[:head]:
            continue
        share = sum(ours == theirs for ours, theirs in zip(pattern, words, strict=True)) / len(words)
        if share >= most:
            best, most = pattern, share
    return best


def render(masked, values, pattern):
    """The pattern as text, and the values of this line in it. A word that differs among lines is one value."""
    words, found = [], []
    left = list(values)
    for word, fixed in zip(masked.split(" "), pattern, strict=True):
        inner, left = left[: word.count(MARK)], left[word.count(MARK) :]
        if fixed is None:
            for value in inner:
                word = word.replace(MARK, value, 1)
            words.append(MARK)
            found.append(word)
        else:
            words.append(word)
            found += inner
    return [" ".join(words), found]
