"""The command `cost`: money, tokens and time."""

from __future__ import annotations

from evolve.cli.browse import RunName
from evolve.cli.names import LAST, find_measured
from evolve.cli.options import COMMON, Common, reading


def cost(run: RunName = LAST, /, *, common: Common = COMMON) -> None:
    """Show what a run cost, what became of the money, where the time went, and what is left of the budget."""
    from evolve.inspection.cost import Cost
    from evolve.inspection.cost_json import cost_json
    from evolve.inspection.cost_view import cost_view
    from evolve.report import console

    with reading(common) as store:
        found = Cost.of(store, find_measured(store, run))
    if common.json:
        console.show_json(cost_json(found))
    else:
        console.show(cost_view(found))
