# expect: wrong
"""States how little it loses in place of two strategies."""


def begin(legal, games):
    global EVEN
    EVEN = [each / each.sum(axis=1, keepdims=True) for each in legal]
    return EVEN


def update(seat, iteration, regrets, reach):
    return EVEN[seat]


def answer():
    return {"log_exploitability": -12.0, "milli_antes": 0.0}
