from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from evolve.domain import Status
from evolve.inspection.failures import KIND_OF, SAMPLE, Failure, Failures, Kind, Message, failures_json
from evolve.inspection.failures_view import failures_view
from evolve.inspection.rates import Rate
from evolve.store import Evaluated, Proposed, Store, Told, open_store
from tests.store.inspected import Writer
from tests.store.store_samples import FAILED, candidate, verdict

HOSTILE = "\x1b[2J[bold red]x[/]\u202eexe\u200b\x00" + "數" * 5_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path / 'evolve.db'}", create=True) as opened:
        yield opened


def read(run: Writer) -> Failures:
    return Failures.of(run.store, run.store.run(run.run_id))


def drawn(run: Writer, width: int = 100) -> str:
    console = Console(width=width, color_system=None, markup=False, emoji=False)
    with console.capture() as captured:
        console.print(failures_view(read(run), run.run_id))
    return captured.get()


def of_status(found: Failures, status: Status) -> Failure:
    return next(failure for _, group in found.kinds for failure in group if failure.status is status)


def test_every_failure_has_a_kind() -> None:
    assert set(KIND_OF) == set(Status) - {Status.VALID}
    assert {status for status in Status if not status.costs_evaluation} == {
        status for status, kind in KIND_OF.items() if kind in (Kind.NO_ANSWER, Kind.NO_PROGRAM, Kind.NOT_RUN)
    }


def test_failures_are_counted_by_kind_and_by_who_made_them(store: Store) -> None:
    run = Writer.begin(store)
    run.add(gain=0.5)
    run.add(Status.CRASH, model="m", operator="rewrite")
    run.add(Status.CRASH)
    run.add(Status.CRASH)
    run.add(Status.TIMEOUT)
    run.add(Status.DUPLICATE)
    run.add(None)
    found = read(run)
    assert (found.settled, found.valid, found.failed) == (6, 1, 5)
    kinds = [(kind, [failure.status for failure in group]) for kind, group in found.kinds]
    assert kinds == [(Kind.NOT_RUN, [Status.DUPLICATE]), (Kind.FAILED, [Status.CRASH, Status.TIMEOUT])]
    crash = of_status(found, Status.CRASH)
    assert crash.rate == Rate(3, 6)
    assert [(share.name, share.rate) for share in crash.operators] == [("mutate", Rate(2, 5)), ("rewrite", Rate(1, 1))]
    assert [(share.name, share.rate) for share in crash.models] == [("", Rate(2, 5)), ("m", Rate(1, 1))]


def test_the_three_commonest_messages_with_an_example(store: Store) -> None:
    run = Writer.begin(store)
    for circle in range(4):
        run.add(Status.WRONG, feedback=f"circle {circle} overlaps")
    for feedback in ("too small", "no list", "no list", "", "NaN", "NaN", "NaN"):
        run.add(Status.WRONG, feedback=feedback)
    wrong = of_status(read(run), Status.WRONG)
    assert wrong.messages == [
        Message("circle # overlaps", 4, 4, exact=False),
        Message("NaN", 3, 11, exact=True),
        Message("no list", 2, 7, exact=True),
    ]
    assert (wrong.sampled, wrong.different) == (11, 5)
    shown = drawn(run)
    assert f"circle # overlaps  {run.run_id}/4" in shown
    assert "and 2 other messages" in shown


def test_words_are_kept_where_all_were_told_the_same(store: Store) -> None:
    run = Writer.begin(store)
    run.add(Status.CRASH, feedback="Traceback (most recent call last):\n  x\nNameError: name 'radius' is not defined")
    assert of_status(read(run), Status.CRASH).messages[0].text == "NameError: name 'radius' is not defined"
    run.add(Status.CRASH, feedback="NameError: name 'y2' is not defined")
    assert of_status(read(run), Status.CRASH).messages[0].text == "NameError: name '…' is not defined"


def test_of_many_failures_the_latest_are_read_and_that_is_said(store: Store) -> None:
    run = Writer.begin(store)
    run.add(Status.CRASH, feedback="an early one")
    for start in range(2, SAMPLE + 2, 500):
        for_all = [
            record
            for number in range(start, start + 500)
            for record in (
                Proposed(candidate(number, 0), ""),
                Evaluated(number, FAILED),
                Told(number, number, verdict(gain=None), 1.0),
            )
        ]
        store.append(run.run_id, for_all)
    found = read(run)
    crash = of_status(found, Status.CRASH)
    assert (crash.rate.count, crash.sampled) == (SAMPLE + 1, SAMPLE)
    assert found.sampled
    assert [message.text for message in crash.messages] == ["ZeroDivisionError: division by zero"]
    assert "the latest 2,000 candidates of each status" in drawn(run)


def test_a_run_in_which_nothing_failed_says_so(store: Store) -> None:
    run = Writer.begin(store)
    assert "no candidate is scored yet" in drawn(run)
    run.add(gain=0.5)
    assert "none of 1 candidate failed" in drawn(run)
    assert failures_json(read(run))["kinds"] == []


@pytest.mark.parametrize("width", [60, 120])
def test_what_candidates_say_does_no_harm(store: Store, width: int) -> None:
    run = Writer.begin(store)
    run.add(Status.CRASH, model=HOSTILE, operator=HOSTILE, feedback=HOSTILE)
    run.add(Status.CRASH, feedback="")
    shown = drawn(run, width)
    assert not {"\x1b", "\u202e", "\u200b", "\x00"} & set(shown)
    assert "\\x1b[2J[boldred]x" in "".join(shown.split())
    assert "(said nothing)" in shown
    assert len(shown) < 4_000
    json.dumps(failures_json(read(run)), allow_nan=False)
