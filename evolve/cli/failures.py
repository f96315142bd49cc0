"""The command `failures`: why candidates failed."""

from __future__ import annotations

from evolve.cli.browse import RunName
from evolve.cli.names import LAST, find_measured
from evolve.cli.options import COMMON, Common, reading


def failures(run: RunName = LAST, /, *, common: Common = COMMON) -> None:
    """Show how candidates failed, who made them, and what they were told most often."""
    from evolve.inspection.failures import Failures, failures_json
    from evolve.inspection.failures_view import failures_view
    from evolve.report import console

    with reading(common) as store:
        named = find_measured(store, run)
        found = Failures.of(store, named)
    if common.json:
        console.show_json(failures_json(found))
    else:
        console.show(failures_view(found, named.id))
