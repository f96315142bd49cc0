"""The candidates of a run as a list: a page of it, all of it as a table, and what it can be asked."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from evolve.domain import Outcome, Status
from evolve.errors import UserError
from evolve.report.text import clean, one_line
from evolve.store import RunRow, Store
from evolve.store.candidates import CandidateChoices, CandidateLine
from evolve.store.picking import CandidateFilter, Scored, SortKey

PAGE = 50
"""Lines of a page unless told otherwise."""
STATUSES: tuple[Status | Scored, ...] = (*Status, *Scored)
"""What a status may be asked for: a single one, any failure, or none yet."""

CSV_HEADER = (
    "number", "operator", "model", "island", "status", "objective", "gain", "outcome", "new_best", "cell", "elapsed",
    "cost", "tokens", "parents", "idea", "sealed",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class Order:
    """What a list is sorted by, and in which direction."""

    key: SortKey = SortKey.NUMBER
    descending: bool = False

    @classmethod
    def parse(cls, text: str) -> Order:
        """`gain` or, the other way round, `-gain`. Raises UserError."""
        descending, name = text.startswith("-"), text.removeprefix("-")
        if name not in {key.value for key in SortKey}:
            raise UserError(
                f"a list of candidates is not sorted by {one_line(name, 40)!r}; give one of {', '.join(SortKey)},"
                " with a - before it for the other way round"
            )
        return cls(SortKey(name), descending)

    def __str__(self) -> str:
        return f"-{self.key}" if self.descending else str(self.key)


def parse_status(text: str) -> Status | Scored | None:
    """A status, `failed`, `open`, or None for "". Raises UserError."""
    found = next((status for status in STATUSES if status.value == text), None)
    if text and found is None:
        raise UserError(f"no status is called {one_line(text, 40)!r}; give one of {', '.join(STATUSES)}")
    return found


def parse_outcome(text: str) -> Outcome | None:
    """What the archive did with a candidate, or None for "". Raises UserError."""
    found = next((outcome for outcome in Outcome if outcome.value == text), None)
    if text and found is None:
        raise UserError(f"no outcome is called {one_line(text, 40)!r}; give one of {', '.join(Outcome)}")
    return found


def check_wanted(store: Store, run: RunRow, wanted: CandidateFilter) -> None:
    """See that a filter names what the run has, and that its bounds leave room. Raises UserError."""
    if wanted.low is not None and wanted.high is not None and wanted.low > wanted.high:
        raise UserError(f"no objective is at least {wanted.low:g} and at most {wanted.high:g}; swap --low and --high")
    if run.summary.candidates and (wanted.operator or wanted.model or wanted.island is not None):
        there = store.browse.candidate_choices(run.id)
        _check_named("operator", wanted.operator or None, there.operators)
        _check_named("model", wanted.model or None, there.models)
        _check_named("island", wanted.island, there.islands)


def _check_named(kind: str, given: str | int | None, there: Sequence[str] | Sequence[int]) -> None:
    if given is None or given in there:
        return
    known = ", ".join(one_line(str(each), 60) for each in there)
    way_out = f"those it has: {known}" if there else "no model was asked for any"
    name = repr(one_line(given, 60)) if isinstance(given, str) else given
    raise UserError(f"no candidate of this run is of {kind} {name}; {way_out}")


@dataclass(frozen=True, slots=True)
class CandidateList:
    """Lines `offset` to `offset + len(lines)` of a list of `total`; `there` are all candidates of the run.

    `sealed` says whether its programs were walled off from their scorer.
    """

    run_id: int
    there: int
    unit: str
    order: Order
    lines: Sequence[CandidateLine]
    offset: int
    total: int
    sealed: bool

    @classmethod
    def of(
        cls,
        store: Store,
        run: RunRow,
        wanted: CandidateFilter,
        order: Order | None = None,
        *,
        limit: int = PAGE,
        offset: int = 0,
    ) -> CandidateList:
        """Read a page of the wanted candidates."""
        order = order or Order()
        found = store.browse.candidate_page(
            run.id, wanted, order.key, descending=order.descending, limit=limit, offset=offset
        )
        return cls(run.id, run.summary.candidates, run.unit, order, found.lines, offset, found.total, run.sealed)


def every_line(store: Store, run: RunRow, wanted: CandidateFilter) -> Iterator[CandidateLine]:
    """All wanted candidates by number, some thousand read at a time."""
    first: int | None = 0
    while first is not None:
        lines, first = store.browse.candidate_chunk(run.id, wanted, first)
        yield from lines


def candidates_json(found: CandidateList) -> dict[str, Any]:
    """A page as plain data, its lines as columns."""
    return {
        "total": found.total,
        "offset": found.offset,
        "sort": str(found.order),
        "sealed": found.sealed,
        "lines": columns(found.lines),
    }


def columns(lines: Iterable[CandidateLine]) -> dict[str, list[Any]]:
    """Lines as columns of plain data; `cost` is None where nobody knows it or nothing was asked."""
    rows = [line_json(line) for line in lines]
    names = list(line_json(_NOBODY))
    return {name: [row[name] for row in rows] for name in names}


def line_json(line: CandidateLine) -> dict[str, Any]:
    """A line as plain data; 0 dollars where nothing was asked."""
    return {
        "number": line.number,
        "operator": line.operator,
        "model": line.model,
        "island": line.island,
        "status": line.status,
        "objective": line.objective,
        "gain": line.gain,
        "outcome": line.outcome,
        "new_best": line.new_best,
        "cell": line.cell,
        "elapsed": line.elapsed,
        "cost": line.cost if line.asked else None,
        "asked": line.asked,
        "tokens": line.tokens,
        "parents": list(line.parents),
        "idea": line.idea,
    }


def choices_json(choices: CandidateChoices) -> dict[str, Any]:
    """What a list can be filtered by, as plain data."""
    return {
        "operators": list(choices.operators),
        "models": list(choices.models),
        "islands": list(choices.islands),
        "statuses": [status.value for status in STATUSES],
        "outcomes": [outcome.value for outcome in Outcome],
    }


def csv_lines(store: Store, run: RunRow, wanted: CandidateFilter) -> Iterator[str]:
    """A table of the wanted candidates by number, as lines of comma-separated values with a header.

    `sealed` is 0 where programs could forge their scores, else 1; it is the same in every line.
    Text that a spreadsheet would take for a formula gets a quote before it (OWASP, CSV injection).
    """
    yield _csv(CSV_HEADER)
    for line in every_line(store, run, wanted):
        data = line_json(line)
        data |= {name: _cell(str(data[name] or "")) for name in ("operator", "model", "idea")}
        data |= {"new_best": int(line.new_best), "parents": " ".join(map(str, line.parents))}
        data |= {"sealed": int(run.sealed)}
        yield _csv([data[name] for name in CSV_HEADER])


def _cell(text: str) -> str:
    flat = " ".join(clean(text).split())
    return f"'{flat}" if flat.startswith(_FORMULA) else flat


def _csv(cells: Sequence[Any]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


_NOBODY = CandidateLine(0, "", "", 0, None, None, None, None, False, None, None, None, 0, 0, (), "")
