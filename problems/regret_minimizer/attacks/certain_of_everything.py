# expect: wrong
"""Probabilities that sum to the number of actions: more chips come in than were ever paid."""


def begin(legal, games):
    global EVEN
    EVEN = [each / each.sum(axis=1, keepdims=True) for each in legal]
    return EVEN


def update(seat, iteration, regrets, reach):
    return EVEN[seat]


def answer():
    return [1.0 * (each > 0.0) for each in EVEN]
