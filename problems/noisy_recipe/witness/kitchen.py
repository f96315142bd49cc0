"""The best recipe there is."""


def recipe():
    return [4.2, 3.1, 6.4, 1.7, 5.3, 7.6]
