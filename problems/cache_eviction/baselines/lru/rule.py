"""LRU: the entry that was not used for longest goes."""


def priority(age, gap, uses, hits, drops):
    return -age
