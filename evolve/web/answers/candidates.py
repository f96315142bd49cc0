"""The list of candidates, a page at a time, and all of it as a table to download."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from evolve.errors import UserError
from evolve.inspection.candidates import (
    PAGE,
    CandidateList,
    Order,
    candidates_json,
    choices_json,
    columns,
    csv_lines,
    every_line,
    parse_outcome,
    parse_status,
)
from evolve.report.text import one_line
from evolve.store.picking import CandidateFilter
from evolve.web.query import Download, Query, Topic

MOST_LINES = 500
"""Lines of one page."""
MOST_IDEA = 500
MOST_RECORDED = 100_000
"""Lines an exported file has; those of the first numbers."""
_FIRST, _LAST = -(2**31), 2**31 - 1


def answer(query: Query) -> dict[str, Any]:
    """A page of the list; recorded with `all`, every candidate by number, for a file without a server to sort it."""
    run = query.need_run()
    if query.recording and query.text("all"):
        lines = columns(islice(every_line(query.store, run, CandidateFilter()), MOST_RECORDED))
        return {"total": run.summary.candidates, "lines": lines}
    order = Order.parse(query.text("sort") or "number")
    limit = query.integer("limit", PAGE, 1, MOST_LINES) or PAGE
    offset = query.integer("offset", 0) or 0
    return candidates_json(CandidateList.of(query.store, run, picked(query), order, limit=limit, offset=offset))


def picked(query: Query) -> CandidateFilter:
    """The conditions in an address. Raises UserError."""
    return CandidateFilter(
        status=parse_status(query.text("status")),
        operator=query.text("operator"),
        model=query.text("model"),
        island=query.integer("island", None, _FIRST, _LAST),
        outcome=parse_outcome(query.text("outcome")),
        new_best=bool(query.text("new_best")),
        improved=bool(query.text("improved")),
        idea=_idea(query),
        low=_number(query, "low"),
        high=_number(query, "high"),
    )


def _idea(query: Query) -> str:
    """What an idea must hold; databases refuse to look for much more."""
    text = query.text("idea")
    if len(text) > MOST_IDEA:
        raise UserError(f"idea has {len(text):,} characters; {MOST_IDEA} are the most")
    return text


def _number(query: Query, name: str) -> float | None:
    text = query.text(name)
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UserError(f"{name} is {one_line(text, 40)!r}; give a number, such as 0.5")
    return value


def choices(query: Query) -> dict[str, Any]:
    """What the list can be filtered by."""
    return choices_json(query.store.browse.candidate_choices(query.need_run().id))


def lines(query: Query) -> Iterator[str]:
    """The table of all wanted candidates."""
    return csv_lines(query.store, query.need_run(), picked(query))


def _recorded(_query: Query) -> Iterable[Mapping[str, str]]:
    return ({"all": "1"},)


TOPIC = Topic("candidates", answer, _recorded)
CHOICES = Topic("choices", choices)
CSV = Download("candidates.csv", lines, "text/csv")
