"""What a cache throws out: of a few items drawn at random, the one whose `keep` is lowest."""


# EVOLVE-BLOCK-START
def keep(idle, uses, size):
    """The longer an item was idle, the less it is worth keeping."""
    return -idle


# EVOLVE-BLOCK-END


def table(idles, uses, sizes):
    """The whole policy as numbers, by idle time, uses and size."""
    return [[[keep(i, u, s) for s in sizes] for u in uses] for i in idles]
