"""Reading from either kind of database what happened to an archive."""

from __future__ import annotations

from dataclasses import replace

from evolve.domain import Outcome, Relook, Series, Status, Verdict
from evolve.store import Evaluated, Event, Looked, Proposed, Record, Store, Told
from evolve.store.placements import AdmittedRow, Mark
from tests.store.store_samples import NEW_RUN, candidate, filled, scored, steps


def kept_out(number: int) -> list[Record]:
    told = Told(number, number, Verdict(Outcome.NOT_ADDED, 1, 7), elapsed=number / 10)
    return [Proposed(candidate(number), f"fingerprint {number}"), Evaluated(number, scored(float(number))), told]


def helper(number: int) -> list[Record]:
    """A candidate of another track."""
    made = candidate(number)
    made = replace(made, origin=replace(made.origin, track="prompts"))
    return [Proposed(made, f"fingerprint {number}"), *steps(number)[1:]]


def test_admitted_candidates_and_everything_that_moves_them(store: Store) -> None:
    run = filled(store, 4)
    store.append(run, kept_out(4))
    store.append(run, helper(5))
    store.append(run, steps(6))
    store.append(run, [Event("Migrated", {"source": 0, "target": 1, "numbers": [2]}, 0.6, 7)])
    store.append(run, [Event("Other", {}, 0.6, 7)])
    found = store.browse.placements(run)
    assert found.admitted == [AdmittedRow(number, number, 1, 7) for number in (0, 1, 2, 3, 6)]
    assert [(event.kind, event.position) for event in found.events] == [("Migrated", 7)]
    assert found.mark == Mark(told=7, event=1)
    early = store.browse.placements(run, 2)
    assert [row.number for row in early.admitted] == [0, 1]
    assert early.events == found.events


def test_reading_on_gives_what_is_new_and_nothing_twice(store: Store) -> None:
    run = filled(store, 3)
    first = store.browse.placements(run)
    store.append(run, [Looked(3, Relook(1, Status.VALID, {4: 2.5})), *steps(3)])
    store.append(run, [Event("Restarted", {"island": 1, "founders": [3]}, 0.3, 4)])
    more = store.browse.placements(run, None, first.mark)
    assert [row.number for row in more.admitted] == [3]
    assert [(row.position, row.number, row.values) for row in more.looked] == [(3, 1, {4: 2.5})]
    assert [event.kind for event in more.events] == ["Restarted"]
    last = store.browse.placements(run, None, more.mark)
    assert (last.admitted, last.looked, last.events, last.mark) == ([], [], [], more.mark)


def test_looks_that_change_scores_or_fail(store: Store) -> None:
    run = filled(store, 3)
    store.append(run, [Looked(2, Relook(1, Status.VALID, {4: 2.5, 7: 3.5}))])
    store.append(run, [Looked(2, Relook(2, Status.CRASH, feedback="boom"))])
    store.append(run, [Looked(3, Relook(1, Status.VALID, {0: 9.0}, series=Series.CONFIRM))])
    store.append(run, [Looked(3, Relook(0, Status.SUSPECT, series=Series.HOLDOUT))])
    looked = [(row.position, row.number, row.values, row.failed) for row in store.browse.placements(run).looked]
    assert looked == [(2, 1, {4: 2.5, 7: 3.5}, False), (2, 2, {}, True), (3, 0, {}, True)]
    assert [row.position for row in store.browse.placements(run, 2).looked] == []


def test_events_of_old_runs_are_dated_by_their_time(store: Store) -> None:
    run = filled(store, 4)  # told after 0.0, 0.1, 0.2 and 0.3 s
    for elapsed in (0.1, 0.25, 9.0):
        store.append(run, [Event("Migrated", {"source": 0, "target": 1, "numbers": []}, elapsed)])
    assert [event.position for event in store.browse.placements(run).events] == [2, 3, 4]


def test_who_elites_are(store: Store) -> None:
    run = filled(store, 6)
    found = store.browse.elites(run, [5, 2, 4, 77])  # 4 failed
    assert [(row.number, row.operator, row.model, row.objective) for row in found] == [
        (2, "mutate", "", 2.0),
        (5, "mutate", "", 5.0),
    ]
    assert store.browse.measures(run, [2]) == {2: {"length": 12.0}}


def test_a_run_without_tells(store: Store) -> None:
    found = store.browse.placements(store.create_run(NEW_RUN))
    assert (found.mark, found.admitted, found.looked, found.events) == (Mark(), [], [], [])
