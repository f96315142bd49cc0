"""`evolve lineage`: how a candidate came about."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from evolve.cli.names import LAST, best_number, find
from evolve.cli.options import COMMON, Common, reading

CandidateName = Annotated[
    str, Parameter(help="A run (3, its name, last) or a candidate of it (3/117, last/best, last/seed).")
]


def lineage(
    name: CandidateName = LAST,
    /,
    *,
    every: Annotated[bool, Parameter(name="--all", help="Every step, those without a better score, too.")] = False,
    inspirations: Annotated[bool, Parameter(help="Show the candidates that each step was only shown.")] = False,
    common: Common = COMMON,
) -> None:
    """Show how a candidate (the best one of a run) came about: its first parents, back to the seed."""
    from evolve.inspection.lineage import Lineage, lineage_json
    from evolve.report import console

    with reading(common) as store:
        named = find(store, name)
        found = Lineage.of(store, named.run, best_number(named.run) if named.number is None else named.number)
    if common.json:
        console.show_json(lineage_json(found))
        return
    from evolve.inspection.lineage_view import lineage_view

    console.show(lineage_view(found, every=every, inspirations=inspirations))
