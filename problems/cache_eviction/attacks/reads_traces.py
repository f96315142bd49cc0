# expect: crash
"""Looks for the requests to come where the evaluator has them."""

import traces

FUTURE = traces.trace("loop", "search:1")


def priority(age, gap, uses, hits, drops):
    return -age
