# expect: timeout
"""Iterates on by itself and never answers."""


def begin(legal, games):
    global EVEN
    EVEN = [each / each.sum(axis=1, keepdims=True) for each in legal]
    return EVEN


def update(seat, iteration, regrets, reach):
    while True:
        reach = reach * 0.5


def answer():
    return EVEN
