LEVEL = 0.6


def level():
    return LEVEL
