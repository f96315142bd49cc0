# expect: wrong
"""States a result instead of priorities."""


def priority(age, gap, uses, hits, drops):
    return {"excess": 0.0, "miss_ratio": 0.0}
