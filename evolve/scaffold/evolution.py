"""Evolution strategies of pyribs over a program's live literals, as a pure function of what was observed.

`import ribs` takes about four seconds, so it happens on first use; `preload` does it ahead of time.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Mapping, Sequence
from typing import Any

_FULL_COVARIANCE = 40
"""Dimensions up to which CMA-ES learns a full covariance; above, the separable one is faster (Ros & Hansen 2008)."""


def preload() -> None:
    """Import pyribs; safe to call from a thread.

    Always the whole package first: a thread that imports `ribs.emitters` while another imports `ribs` does not wait
    for it, and both may see modules that are half made. For `ribs` itself it waits.
    """
    importlib.import_module("ribs")


def population(dimensions: int) -> int:
    """Hansen's default population size, 4 + 3 ln n."""
    return 4 + int(3 * math.log(max(1, dimensions)))


class Evolution:
    """One run of an evolution strategy: yields points in batches, takes their scores, yields the next batch.

    A point is a tuple of floats in units of each literal's step, (0, ..., 0) being the start.
    """

    def __init__(self, dimensions: int, sigma: float, seed: int) -> None:
        self.batch = population(dimensions)
        self._strategy = _strategy(dimensions, sigma, self.batch, seed)
        self.generation = 0
        self.points = self._ask()

    @property
    def sigma(self) -> float:
        """The present step size, in units of the literals' steps."""
        return float(self._strategy.sigma)

    def tell(self, scores: Sequence[float | None]) -> None:
        """The scores of the present batch (None: a failure, worse than everything) and on to the next batch."""
        import numpy as np

        values = np.array([-math.inf if score is None else score for score in scores])
        ranking = np.argsort(-values, kind="stable")
        valid = int(np.isfinite(values).sum())
        parents = min(self.batch // 2, valid)
        self._strategy.tell(ranking, values[ranking][:, None], parents)
        if parents == 0:
            self._strategy.sigma *= 0.5  # everything failed: the steps are too long
        self.generation += 1
        self.points = self._ask()

    def _ask(self) -> tuple[tuple[float, ...], ...]:
        return tuple(tuple(float(value) for value in row) for row in self._strategy.ask())


def _strategy(dimensions: int, sigma: float, batch: int, seed: int) -> Any:
    """pyribs' strategy with its numba kernels run as the plain Python they are: compiling them takes 4 s."""
    preload()
    import numpy as np
    from ribs.emitters.opt import CMAEvolutionStrategy, SeparableCMAEvolutionStrategy

    base = CMAEvolutionStrategy if dimensions <= _FULL_COVARIANCE else SeparableCMAEvolutionStrategy
    kernels = {name: staticmethod(value.py_func) for name, value in _kernels(base).items()}
    plain = type(f"Plain{base.__name__}", (base,), kernels)
    strategy = plain(sigma0=sigma, solution_dim=dimensions, batch_size=batch, seed=seed, dtype=np.float64)
    strategy.reset(np.zeros(dimensions))
    return strategy


def _kernels(strategy: type) -> Mapping[str, Any]:
    return {name: getattr(strategy, name) for name in vars(strategy) if hasattr(getattr(strategy, name), "py_func")}
