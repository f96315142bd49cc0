"""The command `candidates`: a run's candidates, filtered and sorted."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from evolve.cli.names import LAST, find_measured
from evolve.cli.options import COMMON, Common, reading
from evolve.errors import SettingsError

if TYPE_CHECKING:
    from evolve.store.picking import CandidateFilter

MOST = 1_000
"""Lines of one page."""


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Wanted:
    """Which candidates are listed: those that meet every condition given."""

    status: Annotated[
        str, Parameter(help="Only this status: valid, a failure such as crash, failed (any) or open (not evaluated).")
    ] = ""
    operator: Annotated[str, Parameter(help="Only this operator.")] = ""
    model: Annotated[str, Parameter(help="Only candidates of this model.")] = ""
    island: Annotated[int | None, Parameter(help="Only candidates made for this island.")] = None
    outcome: Annotated[str, Parameter(help="Only what the archive did: new_cell, improved, not_added or rejected.")] = (
        ""
    )
    new_best: Annotated[bool, Parameter(help="Only those that were the best of the run then.")] = False
    improved: Annotated[bool, Parameter(help="Only those that are better than their first parent.")] = False
    idea: Annotated[str, Parameter(help="Only those whose idea has this text, in whatever case.")] = ""
    low: Annotated[float | None, Parameter(help="Only objectives of this and more.")] = None
    high: Annotated[float | None, Parameter(help="Only objectives of this and less.")] = None

    def filter(self) -> CandidateFilter:
        """The conditions, checked. Raises UserError."""
        from evolve.inspection.candidates import parse_outcome, parse_status
        from evolve.store.picking import CandidateFilter

        return CandidateFilter(
            parse_status(self.status),
            self.operator,
            self.model,
            self.island,
            parse_outcome(self.outcome),
            self.new_best,
            self.improved,
            self.idea,
            self.low,
            self.high,
        )


EVERYBODY = Wanted()


def candidates(
    run: Annotated[str, Parameter(help="A run: its number, its name, or last.")] = LAST,
    /,
    *,
    wanted: Wanted = EVERYBODY,
    sort: Annotated[
        Literal["number", "objective", "gain", "elapsed", "cost"], Parameter(help="What the list is sorted by.")
    ] = "number",
    descending: Annotated[
        bool, Parameter(alias="-d", help="Largest first. Those without a value are always last.")
    ] = False,
    limit: Annotated[int, Parameter(help=f"Lines shown, at most {MOST:,}.")] = 50,
    offset: Annotated[int, Parameter(help="Lines left out at the beginning of the list.")] = 0,
    csv: Annotated[bool, Parameter(help="Print all of them by number as comma-separated values.")] = False,
    common: Common = COMMON,
) -> None:
    """List the candidates of a run, filtered and sorted, a page at a time."""
    from evolve.inspection.candidates import CandidateList, Order, candidates_json, check_wanted, csv_lines
    from evolve.inspection.candidates_view import candidates_view
    from evolve.report import console
    from evolve.store.picking import SortKey

    if csv and common.json:
        raise SettingsError("--csv and --json each say what to print; give one of them")
    if not 1 <= limit <= MOST:
        raise SettingsError(f"--limit {limit} is not from 1 to {MOST:,}; --offset shows later lines, --csv prints all")
    if offset < 0:
        raise SettingsError(f"--offset {offset} is negative; the first line has --offset 0")
    picked = wanted.filter()
    with reading(common) as store:
        found = find_measured(store, run)
        check_wanted(store, found, picked)
        if csv:
            # Not through rich, which takes 100 us a line; this text is clean.
            sys.stdout.writelines(csv_lines(store, found, picked))
            return
        listed = CandidateList.of(store, found, picked, Order(SortKey(sort), descending), limit=limit, offset=offset)
        if common.json:
            console.show_json(candidates_json(listed))
        else:
            console.show(candidates_view(listed))
