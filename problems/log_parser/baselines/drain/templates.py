"""Drain's tree of fixed depth (He et al., "Drain: an online log parsing approach with fixed depth tree", ICWS 2017).

Written anew. A line goes to the leaf of its number of words and its first words (those with a digit count as a mark),
and there to the most similar template; none similar enough, and it begins a new one. Words that differ become marks.
"""

MARK = "<*>"
DEPTH = 2
"""First words that a path through the tree is made of: 4 in the paper's counting, with root and length."""
CHILDREN = 100
"""Branches of one node before further words share one."""
SIMILAR = 0.5


def merge(rows, similar, head):
    """`[template, values]` for each `(masked line, values)`; the two settings of the seed are not used."""
    tree = {}
    chosen = []
    for masked, _ in rows:
        words = masked.split(" ")
        leaf = descend(tree.setdefault(len(words), {}), words)
        pattern = closest(leaf, words)
        if pattern is None:
            pattern = list(words)
            leaf.append(pattern)
        for place, word in enumerate(words):
            if pattern[place] != word:
                pattern[place] = None
        chosen.append(pattern)
    return [render(masked, values, pattern) for (masked, values), pattern in zip(rows, chosen, strict=True)]


def descend(node, words):
    """The leaf's list of patterns for these words."""
    for word in words[:DEPTH]:
        key = MARK if MARK in word or any(letter.isdigit() for letter in word) else word
        if key not in node and len(node) >= CHILDREN:
            key = MARK
        node = node.setdefault(key, {})
    return node.setdefault("", [])


def closest(leaf, words):
    """The most similar pattern: the share of words that are the same. Of equals, the one with more marks."""
    best, most = None, (SIMILAR, -1)
    for pattern in leaf:
        marks = pattern.count(None)
        share = sum(ours == theirs for ours, theirs in zip(pattern, words, strict=True)) / len(words)
        if (share, marks) >= most:
            best, most = pattern, (share, marks)
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
