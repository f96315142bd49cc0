"""Operators and models in the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from evolve.inspection.operators import BUILT_IN, Line, Operators
from evolve.inspection.rates import LEVEL, rate_text
from evolve.inspection.tally import Price
from evolve.report import figures
from evolve.report.listing import Column, Listing
from evolve.report.sealing import notices
from evolve.report.spending import money_sentence
from evolve.report.text import one_line, plain

_DASH = "–"
_NAME = 48
"""Characters of a model's or an operator's name."""

_FUNNEL = (
    Column("proposed"),
    Column("parsed", optional=True, rank=7),
    Column("applied", optional=True, rank=6),
    Column("valid"),
    Column("better"),
    Column("rate", optional=True, rank=0),
    Column("new cell", optional=True, rank=5),
    Column("new best"),
)
_ASKED = (
    Column("calls", optional=True, rank=8),
    Column("tokens", optional=True, rank=9),
    Column("cost", optional=True, rank=3),
    Column("$ per better", optional=True, rank=1),
    Column("$ per best", optional=True, rank=10),
)
_TIME = (
    Column("time per better", optional=True, rank=2),
    Column("time per best", optional=True, rank=11),
    Column("evaluating", optional=True, rank=12),
)


_NOTHING = "nothing was proposed yet"


def operators_view(found: Operators) -> RenderableType:
    """Families of operators, and in them their operators."""
    if _nothing_yet(found):
        return Text(_NOTHING)
    lines: list[tuple[Text, Line]] = []
    for family in found.families:
        members = [line for line in found.operators if line.family is family.family]
        several = len(members) > 1
        if several:
            lines.append((Text(family.name, style="bold"), family))
        lines += [(_operator(line, indented=several), line) for line in members]
    return Group(_table("operator", lines, asked=found.asks), *_notes(found))


def _operator(line: Line, *, indented: bool) -> Text:
    name = one_line(line.name, _NAME)
    return plain(f"  {name}") if indented else plain(name, "bold")


def models_view(found: Operators) -> RenderableType:
    """Models, each with its operators where there is more than one."""
    if _nothing_yet(found):
        return Text(_NOTHING)
    if not found.asks:
        return Text("no model was asked: the built-in proposer made every candidate; evolve operators shows how")
    lines: list[tuple[Text, Line]] = []
    for model in found.models:
        lines.append((plain(one_line(model.model or BUILT_IN, _NAME), style="bold"), model))
        pairs = [line for line in found.pairs if line.model == model.model]
        if model.model and len(pairs) > 1:
            lines += [(plain(f"  {one_line(line.operator or '', _NAME)}"), line) for line in pairs]
    return Group(_table("model", lines, asked=True), *_notes(found))


def _nothing_yet(found: Operators) -> bool:
    return not found.total.proposed and not found.total.bill.calls


def _table(heading: str, lines: Sequence[tuple[Text, Line]], *, asked: bool) -> Listing:
    columns = [Column(heading, text=True), *_FUNNEL, *(_ASKED if asked else ()), *_TIME]
    return Listing(columns, [[name, *_cells(line, asked=asked)] for name, line in lines])


def _cells(line: Line, *, asked: bool) -> Iterator[RenderableType]:
    tally = line.tally
    for count in (tally.proposed, tally.parsed, tally.applied, tally.valid, tally.improved):
        yield figures.count(count)
    yield rate_text(tally.rate("improved"))
    yield figures.count(tally.new_cell)
    yield figures.count(tally.new_best)
    if asked:
        bill = tally.bill
        free = not bill.calls
        yield figures.count(bill.calls)
        yield figures.count(bill.tokens)
        yield _DASH if free else "unknown" if bill.known_cost is None else figures.dollars(bill.known_cost)
        yield _DASH if free else _dollars(tally.dollars_per("improved"))
        yield _DASH if free else _dollars(tally.dollars_per("new_best"))
    yield _seconds(tally.seconds_per("improved"))
    yield _seconds(tally.seconds_per("new_best"))
    yield figures.seconds(tally.evaluation_seconds)


def _dollars(price: Price) -> str:
    return _DASH if price.each is None else figures.dollars(price.each)


def _seconds(price: Price) -> str:
    return _DASH if price.each is None else figures.seconds(price.each)


def _notes(found: Operators) -> Iterator[RenderableType]:
    yield from notices(sealed=found.sealed)
    if found.asks:
        yield plain(money_sentence(found.money, replay=bool(found.replay)))
    if found.replay:
        yield plain(f"this run replays {found.replay}: money and time of calls are as recorded", style="dim")
    if found.asks and found.money.unknown:
        yield plain(f"{figures.plural(found.money.unknown, 'call')} of unknown price: what has one has no sum", "dim")
    if found.total.bill.lost > 0:
        lost = figures.dollars(found.total.bill.lost)
        yield plain(f"$: without the up to {lost} that attempts without an answer may have cost", style="dim")
    if found.total.proposed:
        yield plain(
            f"better: than the first parent; rate: with its {LEVEL:.0%} interval (Wilson);"
            " time: models with queueing, and evaluations",
            style="dim",
        )
