# expect: wrong
"""Numbers as text, which have an order of their own."""


def priority(age, gap, uses, hits, drops):
    return [str(value) for value in age]
