"""Baselines by what a proposal may be based on: everything else of the engine stays the same.

Whether an archive beats asking the same model as often without one is an open question on every problem; so the
samplers are one flag away, and `evolve compare` prints both.
"""

from __future__ import annotations

import random
from dataclasses import replace

from evolve.scaffold.base import EliteView, SearchView

EVOLVE = "evolve"


def restricted(strategy: str, view: SearchView, seed: EliteView | None, rng: random.Random) -> SearchView:
    """The view as a baseline gets it.

    `best-of-n` always edits the seed program, `sequential` the best so far and knows what failed lately, `random` any
    elite of the island; none of them may use anything learnt.
    """
    if strategy == EVOLVE:
        return view
    if strategy == "best-of-n":
        elites = (seed,) if seed else ()
        return replace(view, elites=elites, others=(), best=seed, pinned={}, pending=(), failures=(), blank=True)
    if strategy == "sequential":
        elites = (view.best,) if view.best else ()
        return replace(view, elites=elites, others=(), pinned={}, blank=True)
    chosen = (rng.choice(view.elites),) if view.elites else ()
    return replace(view, elites=chosen, others=(), best=None, pinned={}, failures=(), blank=True)
