"""Where in the archive a candidate belongs: measures to cells, by pyribs.

pyribs 0.12 cuts the space (`GridArchive.index_of`, `CVTArchive.index_of`); who lives in a cell is kept in
`elites.py`. Its own `add_single` costs 170-400 us and scans all cells on each call, its batch `add` first
compiles for seconds, and neither keeps the order of arrival that makes sampling replayable. The rule of
adding is the same, and the tests compare the two.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from evolve.archive.settings import ArchiveSettings, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray


def preload() -> None:
    """Import pyribs, which takes seconds: call it in a thread while something else is going on.

    Always the whole package first: a thread that imports `ribs.archives` while another imports `ribs` does not wait
    for it, and both may see modules that are half made. For `ribs` itself it waits.
    """
    importlib.import_module("ribs")


class Cells:
    """The cells of one archive: measures in, flat cell index out; the same for all its islands.

    Measures are clipped to the bounds, so what lies outside belongs to an edge cell, and scaled to the
    unit cube: pyribs' rounding tolerance is absolute, and Voronoi cells need axes of equal weight.
    """

    def __init__(self, settings: ArchiveSettings, bounds: Sequence[tuple[float, float]]) -> None:
        """`bounds` holds `(low, high)` per axis of `settings`, low < high. Imports pyribs when first asked."""
        self.count = settings.cells
        self.bounds = tuple(bounds)
        self._settings = settings

    @cached_property
    def _archive(self) -> Any:
        return _pyribs_archive(self._settings) if self._settings.axes else None

    def of(self, measures: Sequence[float]) -> int:
        """The cell of one candidate; `measures` are finite, in the order of the axes."""
        if self._archive is None:
            return 0
        unit = [
            (min(max(value, low), high) - low) / (high - low)
            for value, (low, high) in zip(measures, self.bounds, strict=True)
        ]
        return int(self._archive.index_of_single(unit))

    def of_all(self, rows: Sequence[Sequence[float]] | NDArray[np.float64]) -> list[int]:
        """The cells of many candidates, shape (n, axes); the same as `of` one by one, 200 times faster."""
        if len(rows) == 0 or self._archive is None:
            return [0] * len(rows)
        import numpy as np

        low, high = np.array(self.bounds, dtype=np.float64).T
        unit = (np.clip(np.asarray(rows, dtype=np.float64), low, high) - low) / (high - low)
        cells: list[int] = self._archive.index_of(unit).tolist()
        return cells


def all_finite(measures: Iterable[float]) -> bool:
    """Whether no measure is NaN or infinite, so that a cell exists for them."""
    return all(map(math.isfinite, measures))


def _pyribs_archive(settings: ArchiveSettings) -> Any:  # pyribs is untyped here: it must not be imported above
    preload()
    import numpy as np
    from ribs.archives import CVTArchive, GridArchive

    unit = [(0.0, 1.0)] * len(settings.axes)
    if settings.kind is Kind.CVT:
        points = _spread_points(settings.cvt_cells, len(settings.axes))
        return CVTArchive(solution_dim=(), solution_dtype=np.int64, centroids=points, ranges=unit)
    dims = [axis.cells for axis in settings.axes]
    return GridArchive(solution_dim=(), solution_dtype=np.int64, dims=dims, ranges=unit)


def _spread_points(count: int, axes: int) -> NDArray[np.float64]:
    """`count` points spread evenly over the unit cube, shape (count, axes): a Halton sequence.

    Mouret (2023), "Fast generation of centroids for MAP-Elites", found low-discrepancy points to serve as
    well as k-means centroids, which take 30 s. It is not scrambled and is computed here, so that a run replays
    the same under any version of SciPy. The first point, the origin, is left out.
    """
    import numpy as np

    return np.stack([_radical_inverse(np.arange(1, count + 1), base) for base in _primes(axes)], axis=1)


def _radical_inverse(index: NDArray[np.int64], base: int) -> NDArray[np.float64]:
    """The digits of each index in this base, mirrored at the point (Halton 1960)."""
    import numpy as np

    inverse = np.zeros(len(index))
    place = 1.0
    while index.any():
        place /= base
        index, digit = np.divmod(index, base)
        inverse += digit * place
    return inverse


def _primes(count: int) -> list[int]:
    found: list[int] = []
    number = 2
    while len(found) < count:
        if all(number % prime for prime in found):
            found.append(number)
        number += 1
    return found
