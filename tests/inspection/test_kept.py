from __future__ import annotations

from pathlib import Path

import pytest

from evolve.inspection.kept import Kept
from evolve.inspection.spark import spark
from evolve.store import open_store


def test_what_failed_half_way_is_made_anew(tmp_path: Path) -> None:
    kept: Kept[list[int]] = Kept()
    with open_store(tmp_path / "evolve.db", create=True) as store:
        with kept.use(store, 1, list) as first:
            first.append(1)
        with kept.use(store, 1, list) as again:
            assert again == [1]
        with pytest.raises(ZeroDivisionError), kept.use(store, 1, list) as broken:
            broken.append(1 // 0)
        with kept.use(store, 1, list) as anew:
            assert anew == []


def test_the_largest_numbers_make_a_curve() -> None:
    assert spark([1.5e308, 0.0, -1.5e308], 1) == ["█▅▁"]
