# expect: wrong
"""States a result instead of a policy."""


def table(capacity):
    return {"excess": 0.0}
