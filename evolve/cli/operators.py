"""The commands `operators` and `models`: who earns their keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evolve.cli.browse import RunName
from evolve.cli.names import LAST, find_measured
from evolve.cli.options import COMMON, Common, reading

if TYPE_CHECKING:
    from evolve.inspection.operators import Operators


def operators(run: RunName = LAST, /, *, common: Common = COMMON) -> None:
    """Show what became of the candidates of each operator, and what an improvement took."""
    found = _read(run, common)
    if found is not None:
        from evolve.inspection.operators_view import operators_view
        from evolve.report import console

        console.show(operators_view(found))


def models(run: RunName = LAST, /, *, common: Common = COMMON) -> None:
    """Show what became of the candidates of each model with each operator, and what an improvement cost."""
    found = _read(run, common)
    if found is not None:
        from evolve.inspection.operators_view import models_view
        from evolve.report import console

        console.show(models_view(found))


def _read(run: str, common: Common) -> Operators | None:
    """What is to be shown; None when it was printed as JSON."""
    from evolve.inspection.operators import Operators, operators_json
    from evolve.report import console

    with reading(common) as store:
        found = Operators.of(store, find_measured(store, run))
    if common.json:
        console.show_json(operators_json(found))
        return None
    return found
