"""Request traces from fixed text seeds: what caches meet, each kind with parameters of its own drawn from the seed."""

import bisect
import heapq
import itertools
import random

REQUESTS = 6_000
CAPACITY = 100
"""Entries that a cache holds; all have the same size."""


def trace(kind, seed):
    """`REQUESTS` keys as whole numbers; Python's own generator gives the same numbers on every machine."""
    return KINDS[kind](random.Random(f"cache_eviction:{kind}:{seed}"))


def zipf(draw, keys, exponent):
    """An endless stream of ranks 0 .. keys - 1; rank r comes with weight 1 / (r + 1) ** exponent."""
    totals = list(itertools.accumulate((rank + 1) ** -exponent for rank in range(keys)))
    while True:
        yield bisect.bisect(totals, draw.random() * totals[-1])


def drift(draw):
    """Popular keys that slowly make way for others: every few requests each key takes the rank of its neighbour."""
    ranks, every = zipf(draw, 1_000, draw.uniform(0.8, 1.0)), draw.randint(10, 30)
    return [rank + step // every for step, rank in enumerate(itertools.islice(ranks, REQUESTS))]


def scan(draw):
    """Popular keys, broken by scans: long runs of keys that are asked for once and never again."""
    ranks, fresh, keys = zipf(draw, 500, draw.uniform(0.8, 1.0)), itertools.count(500), []
    while len(keys) < REQUESTS:
        keys += itertools.islice(ranks, draw.randint(150, 450))
        keys += itertools.islice(fresh, draw.randint(80, 240))
    return keys[:REQUESTS]


def loop(draw):
    """Popular keys between the steps of a loop longer than the cache: LRU drops each step before it returns."""
    ranks, around = zipf(draw, 500, 1.0), itertools.cycle(range(500, 500 + draw.randint(80, 160)))
    share = draw.uniform(0.4, 0.6)
    return [next(around) if draw.random() < share else next(ranks) for _ in range(REQUESTS)]


def shift(draw):
    """Working sets: each is asked for again and again for a while and then, all at once, never more."""
    keys, first = [], 0
    while len(keys) < REQUESTS:
        ranks = zipf(draw, draw.randint(120, 250), draw.uniform(0.3, 0.7))
        keys += [first + rank for rank in itertools.islice(ranks, draw.randint(500, 1_200))]
        first += 250
    return keys[:REQUESTS]


KINDS = {"drift": drift, "scan": scan, "loop": loop, "shift": shift}


def belady(keys):
    """The fewest misses that any rule could have, by dropping what is asked for again latest (or never).

    Every request counts, the first ones too: this rule is the best over a whole trace, not over a later part of it.
    """
    following, seen = [0] * len(keys), {}
    for step in range(len(keys) - 1, -1, -1):
        following[step] = seen.get(keys[step], len(keys) + step)
        seen[keys[step]] = step
    held, latest, misses = {}, [], 0
    for step, key in enumerate(keys):
        if key not in held:
            misses += 1
            if len(held) == CAPACITY:
                while True:  # entries of the heap that a later request of the same key has replaced are skipped
                    upcoming, victim = heapq.heappop(latest)
                    if held.get(victim) == -upcoming:
                        break
                del held[victim]
        held[key] = following[step]
        heapq.heappush(latest, (-following[step], key))
    return misses
