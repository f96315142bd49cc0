"""Lists of candidates: what the database picks, sorts and pages is what a recount by hand gives."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from store_samples import FAILED, NEW_RUN, answered, asked, candidate, scored

from evolve.domain import Outcome, Relook, Series, Status, Verdict
from evolve.store import Evaluated, Looked, Proposed, Record, Store, Told
from evolve.store.candidates import CandidateLine
from evolve.store.connect import connect, parse_url
from evolve.store.picking import CandidateFilter, Picking, Scored, SortKey

IDEAS = ("", "use a Table", "50% less; a_b", "\x1b[31m red \udc80 table")
OPEN = (37, 39)
"""Proposed and not evaluated, and evaluated and not told."""


def proposed(number: int, dice: random.Random) -> Proposed:
    parents = (number // 2, number // 3) if number > 5 else (0,) * bool(number)
    made = candidate(number, *parents, operator=dice.choice(["mutate", "crossover"]))
    idea, model = IDEAS[number % 4], "vendor/large" if number % 4 else ""
    return Proposed(replace(made, origin=replace(made.origin, idea=idea, model=model)), "")


def told(number: int, failed: bool, dice: random.Random, later: float | None) -> Told:
    outcome = Outcome.REJECTED if failed else dice.choice([Outcome.NEW_CELL, Outcome.IMPROVED, Outcome.NOT_ADDED])
    gain = None if failed or number % 7 == 0 else dice.choice([-1.5, 0.0, 0.5, 2.5])
    verdict = Verdict(outcome, number % 3, None if failed else number, None, number % 10 == 1, gain)
    return Told(number, number, verdict, elapsed=number / 10, objective=later)


def mixed(store: Store, *, noisy: bool = False) -> int:
    """A run of forty candidates of every kind; two of them wait."""
    run_id, dice = store.create_run(NEW_RUN), random.Random(4)
    for number in range(40):
        failed, calls = number % 5 == 4, number % 4
        evaluation = FAILED if failed else scored(float(dice.randrange(10)))
        later = 20.0 + number if noisy and number % 6 == 0 and not failed else None
        records: list[Record] = [part for turn in range(calls) for part in question(number, turn, dice)]
        records.append(proposed(number, dice))
        if number != OPEN[0]:
            records.append(Evaluated(number, evaluation))
        if number not in OPEN and number < OPEN[0]:
            records.append(told(number, failed, dice, later))
        if later is not None:
            records.append(Looked(number, Relook(number, Status.VALID, {1: later}, series=Series.SEARCH)))
        store.append(run_id, records)
    return run_id


def question(number: int, turn: int, dice: random.Random) -> list[Record]:
    cost = None if number % 8 == 3 else dice.choice([0.25, 0.5, 0.75])
    return [asked(number, turn), answered(number, turn, cost)]


def by_hand(store: Store, run_id: int) -> list[CandidateLine]:
    """Every candidate, as the store gives them one by one."""
    return [line(store, run_id, number) for number in range(40)]


def line(store: Store, run_id: int, number: int) -> CandidateLine:
    row, calls = store.candidate(run_id, number), store.asked(run_id, number)
    answers = [call.completion.completion for call in calls if call.completion is not None]
    costs, verdict = [answer.cost for answer in answers], row.verdict
    estimate = row.estimate()
    first = row.evaluation.objective.mean if row.evaluation and row.evaluation.objective else None
    later = [value for relook in row.relooks for value in relook.values.values()]
    return CandidateLine(
        number=number,
        operator=row.origin.operator,
        model=row.origin.model,
        island=row.origin.island,
        status=row.evaluation.status if row.evaluation else None,
        objective=later[-1] if later and estimate else first,
        gain=verdict.gain if verdict else None,
        outcome=verdict.outcome if verdict else None,
        new_best=verdict.new_best if verdict else False,
        cell=verdict.cell if verdict else None,
        elapsed=row.elapsed,
        cost=None if None in costs else float(sum(cost for cost in costs if cost is not None)),
        tokens=sum(answer.usage.prompt + answer.usage.output for answer in answers),
        asked=len(answers),
        parents=row.origin.parents,
        idea=row.origin.idea,
    )


Test = Callable[[CandidateLine], bool]
FILTERS: dict[str, tuple[CandidateFilter, Test]] = {
    "all": (CandidateFilter(), lambda line: True),
    "valid": (CandidateFilter(status=Status.VALID), lambda line: line.status is Status.VALID),
    "crash": (CandidateFilter(status=Status.CRASH), lambda line: line.status is Status.CRASH),
    "failed": (CandidateFilter(status=Scored.FAILED), lambda line: line.status not in (None, Status.VALID)),
    "open": (CandidateFilter(status=Scored.OPEN), lambda line: line.status is None),
    "operator": (CandidateFilter(operator="crossover"), lambda line: line.operator == "crossover"),
    "model and island": (
        CandidateFilter(model="vendor/large", island=1),
        lambda line: line.model == "vendor/large" and line.island == 1,
    ),
    "outcome": (CandidateFilter(outcome=Outcome.IMPROVED), lambda line: line.outcome is Outcome.IMPROVED),
    "new bests": (CandidateFilter(new_best=True), lambda line: line.new_best),
    "improved": (CandidateFilter(improved=True), lambda line: (line.gain or 0) > 0),
    "idea": (CandidateFilter(idea="tABLE"), lambda line: "table" in line.idea.lower()),
    "idea with wildcards": (CandidateFilter(idea="50% less; a_b"), lambda line: line.idea == IDEAS[2]),
    "idea that cannot be printed": (CandidateFilter(idea="\udc80 t"), lambda line: "\udc80" in line.idea),
    "no such idea": (CandidateFilter(idea="a.b"), lambda line: False),
    "range": (
        CandidateFilter(low=2.0, high=6.0),
        lambda line: line.objective is not None and 2.0 <= line.objective <= 6.0,
    ),
    "three tables": (
        CandidateFilter(operator="mutate", status=Status.VALID, improved=True),
        lambda line: line.operator == "mutate" and line.status is Status.VALID and (line.gain or 0) > 0,
    ),
    "two tables": (
        CandidateFilter(island=2, high=5.0),
        lambda line: line.island == 2 and line.objective is not None and line.objective <= 5.0,
    ),
}


def value(line: CandidateLine, key: SortKey) -> float | None:
    """What a candidate is sorted by; no price where nothing was asked."""
    if key is SortKey.COST:
        return line.cost if line.asked else None
    found: float | None = getattr(line, key.value)
    return found


def ordered(lines: list[CandidateLine], key: SortKey, descending: bool) -> list[CandidateLine]:
    sign = -1 if descending else 1
    with_value = [(sign * found, line.number, line) for line in lines if (found := value(line, key)) is not None]
    return [line for *_, line in sorted(with_value, key=lambda item: item[:2])] + [
        line for line in lines if value(line, key) is None
    ]


@pytest.mark.slow
@pytest.mark.parametrize("noisy", [False, True])
def test_every_filter_and_sort_agrees_with_a_recount(store: Store, noisy: bool) -> None:
    run_id = mixed(store, noisy=noisy)
    everything = by_hand(store, run_id)
    for name, (wanted, test) in FILTERS.items():
        expected = [line for line in everything if test(line)]
        for key in SortKey:
            for descending in (False, True):
                found = store.browse.candidate_page(run_id, wanted, key, descending=descending)
                assert found.total == len(expected), name
                if key is SortKey.NUMBER or not any(line.status is None or line.gain is None for line in expected):
                    assert list(found.lines) == ordered(expected, key, descending), (name, key)
                with_value = [line for line in ordered(expected, key, descending) if value(line, key) is not None]
                assert list(found.lines[: len(with_value)]) == with_value, (name, key)
                assert {line.number for line in found.lines} == {line.number for line in expected}, (name, key)


@pytest.mark.slow
def test_few_named_by_number_are_those_the_conditions_give(store: Store, database: str) -> None:
    run_id = mixed(store, noisy=True)
    engine = connect(parse_url(database), create=False, read_only=True)
    with engine.connect() as connection:
        for name, (wanted, _) in FILTERS.items():
            whole = Picking.of(connection, run_id, wanted)
            few = whole.narrowed(connection)
            assert few.count(connection) == whole.count(connection), name
            for key in SortKey:
                for descending in (False, True):
                    found = [
                        [number for part in picking.parts(key, descending) for number in connection.scalars(part)]
                        for picking in (whole, few)
                    ]
                    assert found[0] == found[1], (name, key)
                    assert len(found[0]) == whole.count(connection), (name, key)
    engine.dispose()


def test_pages_put_together_are_the_list(store: Store) -> None:
    run_id = mixed(store)
    for key in SortKey:
        whole = store.browse.candidate_page(run_id, CandidateFilter(), key, descending=True).lines
        pages = [
            store.browse.candidate_page(run_id, CandidateFilter(), key, descending=True, limit=7, offset=offset)
            for offset in range(0, 49, 7)
        ]
        assert tuple(line for page in pages for line in page.lines) == whole
        assert {page.total for page in pages} == {40}
    assert len(whole) == 40


@pytest.mark.slow
def test_everything_is_read_by_number_with_the_same_filters(store: Store) -> None:
    run_id = mixed(store)
    store.append(run_id, [Proposed(candidate(4500), "")])
    for wanted, test in FILTERS.values():
        first: int | None = 0
        found: list[CandidateLine] = []
        while first is not None:
            lines, first = store.browse.candidate_chunk(run_id, wanted, first)
            found += lines
        everything = [*by_hand(store, run_id), line(store, run_id, 4500)]
        assert found == [each for each in everything if test(each)]


def test_what_there_is_to_filter_by_and_who_is_next(store: Store) -> None:
    run_id = mixed(store)
    choices = store.browse.candidate_choices(run_id)
    assert choices.operators == ("crossover", "mutate")
    assert choices.models == ("vendor/large",)
    assert choices.islands == (0, 1, 2)
    beside = [store.browse.neighbours(run_id, number) for number in (0, 20, 39)]
    assert [(each.previous, each.next) for each in beside] == [(None, 1), (19, 21), (38, None)]
    assert [line.number for line in store.browse.candidate_lines(run_id, [5, 999, 2])] == [5, 2]
