"""Which other programs are shown beside a parent: good ones that differ in kind."""

from __future__ import annotations

import random
from collections.abc import Sequence

from evolve.scaffold.base import EliteView, SearchView
from evolve.scaffold.selection import probabilities


def inspirations(view: SearchView, parent: EliteView, count: int, rng: random.Random) -> tuple[EliteView, ...]:
    """At most `count` programs of other cells than the parent's and than each other's, drawn by rank.

    One of them, at any place, comes from another island if there is one (of a single one every second). The first is
    the mate of a crossover.
    """
    pools = [view.elites] * count
    foreign = rng.randrange(max(count, 2))
    if view.others and foreign < count:
        pools[foreign] = view.others
    chosen: list[EliteView] = []
    for pool in pools:
        taken = [parent, *chosen]
        fresh = _fresh(pool, taken) or _fresh((*view.elites, *view.others), taken)
        if fresh:
            chosen.append(rng.choices(fresh, probabilities("power", fresh))[0])
    return tuple(chosen)


def _fresh(pool: Sequence[EliteView], taken: Sequence[EliteView]) -> list[EliteView]:
    """Those that share neither cell nor text with what was taken."""
    numbers = {elite.number for elite in taken}
    cells = {(elite.island, elite.cell) for elite in taken if elite.cell is not None}
    texts = [dict(elite.files) for elite in taken]
    return [
        elite
        for elite in pool
        if elite.number not in numbers
        and (elite.cell is None or (elite.island, elite.cell) not in cells)
        and elite.files not in texts
    ]
