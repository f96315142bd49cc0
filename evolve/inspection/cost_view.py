"""The cost of a run in the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from evolve.domain import Split
from evolve.inspection.bill import Bill
from evolve.inspection.burn import Limit
from evolve.inspection.cost import FATES, Cost, Part
from evolve.inspection.rates import percent
from evolve.report import figures
from evolve.report.listing import Column, Listing
from evolve.report.runs import fact_table
from evolve.report.sealing import add_sealing
from evolve.report.spending import money_sentence
from evolve.report.text import one_line, plain

_DASH = "–"
_NAME = 48
_COLUMNS = (
    Column("calls", optional=True, rank=1),
    Column("cost"),
    Column("share"),
    Column("tokens in", optional=True, rank=3),
    Column("cached", optional=True, rank=2),
    Column("out", optional=True, rank=4),
    Column("reasoning", optional=True, rank=5),
    Column("time", optional=True, rank=0),
)


def cost_view(cost: Cost) -> RenderableType:
    """Sums, limits and times as facts; then money by what became of it, by model, operator and step."""
    facts = fact_table()
    for name, text in _facts(cost):
        facts.add_row(name, plain(text))
    add_sealing(facts, sealed=cost.run.sealed)
    if not cost.asks:
        return Group(Text("no model was asked: this run costs time alone"), facts)
    titles = [Part(FATES[part.name], part.bill) for part in cost.fates]
    tables = [
        _table("what became of it", titles, cost.total),
        _table("model", cost.models, cost.total),
        _table("operator", cost.operators, cost.total),
        _table("question", cost.steps, cost.total),
    ]
    spaced: list[RenderableType] = [part for table in tables for part in (Text(), table)]
    return Group(facts, *(spaced if cost.total.calls else ()), *_notes(cost))


def _facts(cost: Cost) -> Iterator[tuple[str, str]]:
    if cost.replay:
        yield "replay of", f"{cost.replay}: nothing is asked or paid now"
    if cost.asks:
        yield from _money(cost)
    for limit in cost.burn.limits:
        yield f"budget: {limit.name}", _limit(limit)
    first = cost.burn.ends_first(cost.run)
    if first is not None and first.seconds_left is not None:
        yield "at this pace", f"{first.name} will be used up in {figures.seconds(first.seconds_left)}"
    yield from _times(cost)


def _money(cost: Cost) -> Iterator[tuple[str, str]]:
    money = cost.burn.money
    yield "models", money_sentence(money, replay=bool(cost.replay))
    if money.in_flight or money.unknown_in_flight:
        unknown = f" and {figures.plural(money.unknown_in_flight, 'call')} of unknown price"
        yield "in flight", f"{figures.dollars(money.in_flight)} reserved{unknown if money.unknown_in_flight else ''}"
    if cost.total.cached_share is not None:
        yield "cached", f"{percent(cost.total.cached_share)} % of prompt tokens"
    names = {
        "candidates": "per candidate",
        "evaluated": "per evaluation",
        "improved": "per improvement",
        "new_best": "per new best",
    }
    for name, words in names.items():
        count = getattr(cost.asked_for, name)
        each, most = cost.dollars_per(count), cost.most_per(count)
        if each is not None and most is not None:
            yield words, f"{_between(each, most)}, {figures.count(count)} of them"


def _between(least: float, most: float) -> str:
    """A price, up to what it is with attempts without an answer if they may have cost anything."""
    low, high = figures.dollars(least), figures.dollars(most)
    return low if low == high else f"{low} to {high}"


def _limit(limit: Limit) -> str:
    if limit.used is None:
        return f"nobody knows how much of {_amount(limit.name, limit.limit)} is used: a price is unknown"
    used = f"{percent(limit.share)} % used, " if limit.share is not None else ""
    return f"{used}{figures.left(limit.name, limit.used, limit.limit)} left"


def _amount(name: str, value: float) -> str:
    return figures.dollars(value) if name == "money" else figures.count(round(value))


def _times(cost: Cost) -> Iterator[tuple[str, str]]:
    times = cost.times
    yield "time", f"{figures.seconds(times.elapsed)} at work"
    if times.each is not None:
        held = sum(row.seconds for row in times.evaluations if row.purpose is Split.HOLDOUT)
        extra = f" ({figures.seconds(held)} on held-out cases)" if held else ""
        yield (
            "evaluating",
            (
                f"{figures.seconds(times.evaluating)} in all, {figures.seconds(times.each)} each of"
                f" {figures.plural(times.searched, 'evaluation')}{extra}"
            ),
        )
    if times.looks:
        words = ", ".join(
            f"{row.series}: {figures.plural(row.looks, 'look')} in {figures.seconds(row.seconds)}"
            for row in times.looks
        )
        yield "further looks", f"{words}; with waiting for a slot"
    if times.busy:
        yield "slots busy", f"{percent(times.busy)} % of the time of {figures.plural(times.slots, 'slot')}"
    if times.asking and times.calls_at_once is not None:
        yield (
            "asking models",
            f"{figures.seconds(times.asking)} in all, {times.calls_at_once:.2g} calls at once on average",
        )
    asked_for = cost.asked_for
    if asked_for.candidates and not cost.replay:
        yield "a candidate of a model", _journey(cost)


def _journey(cost: Cost) -> str:
    asked_for = cost.asked_for
    span, models, evaluation = (
        figures.seconds(value / asked_for.candidates)
        for value in (asked_for.span, asked_for.models, asked_for.evaluation)
    )
    waiting = max(0.0, asked_for.span - asked_for.models - asked_for.evaluation) / asked_for.candidates
    return (
        f"{span} from question to result: {models} of models, {evaluation} of evaluation,"
        f" {figures.seconds(waiting)} of waiting"
    )


def _table(heading: str, parts: Sequence[Part], total: Bill) -> Listing:
    rows = [[plain(one_line(part.name, _NAME)), *_cells(part.bill, total)] for part in parts]
    return Listing([Column(heading, text=True), *_COLUMNS], rows)


def _cells(bill: Bill, total: Bill) -> list[RenderableType]:
    share = bill.cost / total.cost if total.cost and not total.unknown else None
    return [
        figures.count(bill.calls),
        "unknown" if bill.known_cost is None else figures.dollars(bill.known_cost),
        _DASH if share is None else f"{percent(share)} %",
        figures.count(bill.prompt),
        _DASH if bill.cached_share is None else f"{percent(bill.cached_share)} %",
        figures.count(bill.output),
        figures.count(bill.reasoning),
        figures.seconds(bill.seconds),
    ]


def _notes(cost: Cost) -> Iterator[RenderableType]:
    if cost.total.unknown:
        known = figures.dollars(cost.total.cost)
        unknown = figures.plural(cost.total.unknown, "call")
        yield Text(f"\n{unknown} of unknown price; all others cost {known}", style="dim")
