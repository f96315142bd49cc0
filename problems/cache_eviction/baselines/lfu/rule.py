"""LFU: the entry that was used least often goes; among equals, the older."""


def priority(age, gap, uses, hits, drops):
    return uses
