"""Scores a travelling salesman program: how much longer its tours are than a proven lower bound, in percent.

The bound is Held and Karp's (1970). A tour with one city left out is a tree on the others, and the two edges of that
city join it: so a cheapest such "1-tree" is no longer than the shortest tour. Add a price p[i] to every edge at city
i: every tour grows by exactly 2 * sum(p), so (cheapest 1-tree under prices) - 2 * sum(p) is a lower bound for *any*
prices. Good ones are in prices.json (prices.py finds them), the tree is made here. An excess below 0 would be a fault
of this file.
"""

import json
import math
import random
import re
import shutil
from pathlib import Path

import numpy as np

SECONDS = 10.0
"""Wall time for one instance, so that a busy machine fails nobody: what counts is CPU time, `limits.cpu`."""
SIDE = 1_000_000
"""Cities have whole coordinates from 0 to this."""
INSTANCES = {"search": (("uniform", 400), ("clustered", 400)), "holdout": (("uniform", 500), ("clustered", 500)) * 2}
"""Kind and number of cities of each: the held-out ones are others, and larger."""
PRICES = json.loads((Path(__file__).parent / "prices.json").read_text())
"""By instance, a price for every city: what prices.py found. Wrong ones would make the bound low, never false."""
INDEX = re.compile(rb"[0-9]{1,6}")
"""A city as the statement wants it; Python's int() would also take "1_0", "+1" and digits of other scripts."""


def cases(split):
    if shutil.which("g++") is None:
        raise RuntimeError(
            "tour_cpp compiles C++ and finds no g++ in the sandbox: install one (Debian: apt-get install g++), or for "
            "containers make an image that has one (make sandbox-image KIND=debian)"
        )
    made = []
    for number, (kind, cities) in enumerate(INSTANCES[split]):
        name = f"tour_cpp:{split}:{number}"
        points = place(name, kind, cities)
        made.append({"points": points, "bound": lower_bound(points, PRICES[name])})
    return made


def place(seed, kind, cities):
    """Distinct whole points from a text seed: uniform in the square, or mostly around a few centres."""
    draw = random.Random(seed)
    centres = [(draw.uniform(0.1, 0.9), draw.uniform(0.1, 0.9)) for _ in range(8)]
    points = {}
    while len(points) < cities:
        x, y = draw.random(), draw.random()
        if kind == "clustered" and draw.random() < 0.9:
            middle = draw.choice(centres)
            x, y = (draw.gauss(at, 0.04) for at in middle)
        if 0 <= x < 1 and 0 <= y < 1:
            points[int(x * SIDE), int(y * SIDE)] = True
    return list(points)


def evaluate(program, case):
    """Percent above the bound, and what a tour's edges look like."""
    points = case["points"]
    ran = program.run(stdin=as_text(points), timeout=SECONDS)
    if ran.returncode != 0:
        program.reject(f"the program ended with exit code {ran.returncode} on {len(points)} cities: {said(ran)}")
    tour = read_tour(program, ran.stdout, len(points))
    edges = lengths(points, tour)
    return {
        "excess": 100.0 * (math.fsum(edges) / case["bound"] - 1.0),
        "longest": max(edges) * len(edges) / math.fsum(edges),
        "greed": greed(points, tour),
    }


def as_text(points):
    """What a program reads: the number of cities, then a line `x y` for each."""
    return f"{len(points)}\n" + "".join(f"{x} {y}\n" for x, y in points)


def said(ran):
    """The end of what it printed for people."""
    return ran.stderr[-200:].decode("utf-8", "replace").strip() or "nothing on standard error"


def read_tour(program, output, cities):
    """Every city exactly once, one number a line; anything else is refused with a sentence."""
    words = output.split()
    if len(words) != cities:
        program.reject(f"the program printed {len(words)} words; a tour is the {cities} numbers 0 to {cities - 1}")
    for line, word in enumerate(words, 1):
        if not INDEX.fullmatch(word) or int(word) >= cities:
            program.reject(f"word {line} of the output is {word[:40]!r}; a city is a number from 0 to {cities - 1}")
    tour = [int(word) for word in words]
    seen = [0] * cities
    for city in tour:
        seen[city] += 1
        if seen[city] == 2:
            program.reject(f"city {city} is visited twice; every city must come exactly once")
    return tour


def lengths(points, tour):
    """The edges of a closed tour."""
    return [math.dist(points[a], points[b]) for a, b in zip(tour, tour[1:] + tour[:1], strict=True)]


def greed(points, tour):
    """Percent of cities that are visited right before or after the city nearest to them."""
    distance = distances(points)
    nearest = distance.argmin(axis=1).tolist()
    pairs = {frozenset(pair) for pair in zip(tour, tour[1:] + tour[:1], strict=True)}
    return 100.0 * sum(frozenset((city, nearest[city])) in pairs for city in tour) / len(tour)


def distances(points):
    """All distances; a city is infinitely far from itself."""
    xy = np.array(points, dtype=float)
    found = np.hypot(*(xy[:, None, :] - xy[None, :, :]).transpose(2, 0, 1))
    np.fill_diagonal(found, np.inf)
    return found


def lower_bound(points, prices):
    """A length that no tour through the points falls below, whatever the prices."""
    prices = np.array(prices, dtype=float)
    weight, _ = one_tree(distances(points) + prices[:, None] + prices[None, :])
    return (weight - 2.0 * math.fsum(prices)) * (1.0 - 1e-9)  # room for the rounding of the sums


def one_tree(cost):
    """Weight and degrees of a cheapest 1-tree: a spanning tree (Prim) of all but city 0, and its two best edges."""
    cities = len(cost)
    degrees = np.zeros(cities)
    link = np.ones(cities, dtype=int)  # the tree begins as city 1
    away = cost[1].copy()
    away[[0, 1]] = np.inf
    weight = 0.0
    for _ in range(cities - 2):
        city = int(away.argmin())
        weight += float(away[city])
        degrees[city] += 1
        degrees[link[city]] += 1
        nearer = (cost[city] < away) & np.isfinite(away)
        link[nearer] = city
        np.copyto(away, cost[city], where=nearer)
        away[city] = np.inf
    first, second = np.argsort(cost[0], kind="stable")[:2]
    degrees[[0, first, second]] += (2, 1, 1)
    return weight + float(cost[0, first] + cost[0, second]), degrees
