"""A series of rounds: who meets whom, what a round begins with, and that it goes on wherever it was stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from evolve.assembly import inputs_of
from evolve.cli.run import problem_of
from evolve.config import BudgetSettings, Settings, settings_from
from evolve.domain import SEED_NUMBER, Split
from evolve.errors import NotFound, ProblemError, SettingsError
from evolve.events import CandidateTold, Event
from evolve.rounds import Rounds, Sitting
from evolve.session import Session
from evolve.store import RunStatus, Store, open_store
from tests.rps import EVALUATE, Referee, settings, write_rps

LONG = settings(evaluations=150)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "evolve.db", create=True) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_rps(tmp_path / "rps")


def play(series: Rounds, rounds: int, referee: Referee | None = None, *, stop_after: int | None = None) -> None:
    """Sit at rounds until there are so many, or the total is used up, or the last one was stopped."""
    for _ in range(rounds - len(series.finished())):
        sitting = series.sitting()
        if sitting is None or not sit(sitting, series.store, referee or Referee(), stop_after):
            return


def sit(sitting: Sitting, store: Store, referee: Referee, stop_after: int | None) -> bool:
    told = 0

    def observe(event: Event) -> None:
        nonlocal told
        told += isinstance(event, CandidateTold)
        if told == stop_after:
            session.stop("enough")

    session = Session(store, sitting.run, sitting.problem, sitting.settings, [observe], sandbox_for=referee)
    return asyncio.run(session.run()).finished


@pytest.mark.parametrize(("history", "met"), [(None, [0, 1, 2, 3]), (1, [0, 1, 1, 1]), (2, [0, 1, 2, 2])])
def test_a_round_meets_the_champions_it_should(store: Store, folder: Path, history: int | None, met: list[int]) -> None:
    series, referee = Rounds(store, folder, settings(), history=history), Referee()
    play(series, 4, referee)
    champions = [
        {"round": each.number, "candidate": each.champion, "files": store.candidate(*each.key).program.as_dict()}
        for each in series.finished()
    ]
    assert referee.champions == [champions[number - count : number] for number, count in enumerate(met)]
    assert [run.name for run in reversed(store.runs())] == ["rps.1", "rps.2", "rps.3", "rps.4"]
    assert all(each.run.status is RunStatus.FINISHED for each in series.rounds)


def test_a_round_begins_with_the_champion_before_it(store: Store, folder: Path) -> None:
    series = Rounds(store, folder, settings())
    play(series, 3)
    first, second, third = series.finished()
    assert store.candidate(second.run.id, SEED_NUMBER).program == store.candidate(*first.key).program
    assert store.candidate(third.run.id, SEED_NUMBER).program == store.candidate(*second.key).program
    assert len({each.run.problem_digest for each in series.rounds}) == 3
    assert len({each.run.seed for each in series.rounds}) == 3


def test_what_a_champion_got_is_told(store: Store, folder: Path) -> None:
    series = Rounds(store, folder, settings(evaluations=30))
    play(series, 2)
    author: dict[str, object] = {}
    exec(EVALUATE, author)
    texts = [store.candidate(*each.key).program.files[0].text for each in series.finished()]
    first, second = (author["mixture"](text) for text in texts)  # type: ignore[operator]
    outcome = series.outcome(series.finished()[1])
    assert outcome.score is not None
    assert outcome.score.mean == pytest.approx(author["points"](second, first))  # type: ignore[operator]
    assert outcome.score.mean >= 0.5
    assert not outcome.confirmed
    assert outcome.holdout == store.evaluation(*series.finished()[1].key, Split.HOLDOUT)
    assert outcome.holdout is not None
    assert outcome.holdout.objective is not None
    assert outcome.holdout.objective.n == 3


@pytest.mark.slow
def test_a_series_goes_on_where_it_was_stopped(store: Store, folder: Path, tmp_path: Path) -> None:
    # Evaluations take no time here, and observers hear of them by the batch: a short round would be over before.
    play(Rounds(store, folder, LONG), 2)
    play(Rounds(store, folder, LONG), 4, stop_after=5)
    stopped = Rounds(store, folder, LONG)
    assert len(stopped.finished()) == 2
    assert len(stopped.rounds) == 3
    for _ in range(2):
        play(Rounds(store, folder, LONG), 4)
    with open_store(tmp_path / "whole.db", create=True) as other:
        whole = Rounds(other, folder, LONG)
        play(whole, 4)
        assert [each.key for each in Rounds(store, folder, LONG).finished()] == [each.key for each in whole.finished()]
        programs = [[db.candidate(*each.key).program for each in whole.finished()] for db in (store, other)]
        assert programs[0] == programs[1]
    assert len(store.runs()) == 4


def test_a_single_round_can_be_had_from_the_database(store: Store, folder: Path) -> None:
    series = Rounds(store, folder, settings())
    play(series, 3)
    last = series.rounds[-1]
    problem = problem_of(store, last.run)
    assert problem.digest == last.run.problem_digest
    assert problem.seed == store.candidate(*series.rounds[1].key).program
    given = settings_from(last.run.settings).problem
    assert (given.round, given.champions) == (3, tuple(each.key for each in series.rounds[:2]))
    with pytest.raises(SettingsError, match="set by evolve rounds"):
        inputs_of(given)
    missing = given.model_copy(update={"champions": ((99, 1),)})
    with pytest.raises(NotFound, match="no run 99"):
        inputs_of(missing, store)


def test_a_winner_found_later_does_not_change_the_rounds_after_it(store: Store, folder: Path) -> None:
    play(Rounds(store, folder, settings()), 2)
    first = Rounds(store, folder, settings()).rounds[0]
    wanted = settings_from(first.run.settings)
    more = wanted.model_copy(update={"budget": BudgetSettings(evaluations=120)})
    session = Session(store, first.run, problem_of(store, first.run), more, sandbox_for=Referee())
    asyncio.run(session.run())
    assert store.best(first.run.id) != first.champion
    again = Rounds(store, folder, settings())
    assert again.finished()[0].key == first.key
    play(again, 3)
    assert again.rounds[2].opponents[0] == first.key


def test_another_series_is_begun_when_asked_for(store: Store, folder: Path) -> None:
    play(Rounds(store, folder, settings()), 2)
    play(Rounds(store, folder, settings("seed=8"), new=True), 2)
    play(Rounds(store, folder, settings(), "named"), 1)
    assert [run.name for run in reversed(store.runs())] == ["rps.1", "rps.2", "rps.1", "rps.2", "named.1"]
    latest = Rounds(store, folder, settings("seed=8"))
    assert [each.run.id for each in latest.rounds] == [3, 4]


@pytest.mark.parametrize(
    ("wanted", "history", "refusal"),
    [
        (settings("seed=8"), None, "the settings changed since round 1 of the series rps .run 1.*--seed is another"),
        (settings("search.islands=3"), None, "search.islands was 1 and is 3"),
        (settings(), 1, "round 3 of the series rps .run 3. met 2 earlier champions and --history 1 wants 1"),
    ],
)
def test_other_settings_are_refused(
    store: Store, folder: Path, wanted: Settings, history: int | None, refusal: str
) -> None:
    play(Rounds(store, folder, settings()), 3)
    with pytest.raises(SettingsError, match=refusal):
        Rounds(store, folder, wanted, history=history)
    assert len(Rounds(store, folder, settings(evaluations=99)).finished()) == 3


def test_a_changed_problem_is_refused(store: Store, folder: Path) -> None:
    play(Rounds(store, folder, settings()), 2)
    (folder / "evaluate.py").write_text(EVALUATE + "# changed\n", encoding="utf-8")
    with pytest.raises(ProblemError, match=r"changed since round 1 of the series rps \(run 1\) began.*--new or --name"):
        Rounds(store, folder, settings())
    Rounds(store, folder, settings(), "other")


def test_a_total_bounds_all_rounds(store: Store, folder: Path) -> None:
    total = BudgetSettings(evaluations=30)
    series = Rounds(store, folder, settings(), total=total)
    play(series, 9)
    spent = [sum(n for status, n in store.statuses(run.id).items() if status.costs_evaluation) for run in store.runs()]
    assert spent == [6, 12, 12]
    assert series.sitting() is None
    play(Rounds(store, folder, settings(), total=BudgetSettings(evaluations=40)), 9)
    assert len(store.runs()) == 4
