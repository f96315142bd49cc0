"""The log of a campaign: entries survive the way through plain data, and the state is a fold over them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from evolve.domain import Status
from evolve.errors import DatabaseError
from evolve.meta.entries import (
    KINDS,
    Bill,
    Chosen,
    ControlMade,
    EditMade,
    Entry,
    Held,
    ImpMade,
    LifeTested,
    Quarantined,
    Rebudgeted,
    Released,
    Reserved,
    Started,
    from_plain,
    kind_of,
    to_plain,
)
from evolve.meta.records import Contest, Measured, Member, Stage, Trial, TrialKey, Use
from evolve.meta.settings import CampaignSettings
from evolve.meta.state import CampaignState, apply, fold
from evolve.scaffold.base import Prediction
from tests.meta.conftest import Run
from tests.meta.toy.world import toy_suite

STARTED = Started(toy_suite(2, 5, 1), CampaignSettings(seed=3), "aa", 3, {"toy": "1"}, ("toy",))
ZERO = Member(0, "aa", None, "", "", None)
UP = Prediction("area", "up", ("search0",))
CONTEST = Contest({"sealed0": 0.25}, 0.25, 0.5, 0.5, -1.0, 1.0, 0.9)


def edit(number: int, parent: int = 0, status: Status = Status.VALID) -> EditMade:
    return EditMade(number, parent, f"digest{number}", "an idea", "toy", UP, status, "", Bill(2, 10, 0.5))


def child(number: int, parent: int = 0) -> list[Entry]:
    made = Member(number, f"digest{number}", parent, "an idea", "toy", UP, 5)
    return [edit(number, parent), LifeTested(number, Status.VALID, "", Bill(1, 5, None)), made]


def trial(scaffold: int, stage: Stage, problem: str = "search0", seed: int = 1, area: float = 0.5) -> Trial:
    return Trial(TrialKey(scaffold, problem, seed, stage, 4), Measured((1.0,), 0.0, 4, cost=0.25), area, (area,))


def folded(*entries: Entry) -> CampaignState:
    state = fold([STARTED, ZERO, *entries])
    assert state is not None
    return state


class TestEntries:
    def test_a_whole_campaign_survives_plain_data(self, toy_run: Run) -> None:
        _, book = toy_run(controls=("longer",))
        entries = book.entries()
        again = [from_plain(kind_of(entry), json.loads(json.dumps(to_plain(entry)))) for entry in entries]
        assert again == entries
        assert {kind_of(entry) for entry in entries} >= {"started", "scaffold", "edited", "alive", "trial", "control"}

    @pytest.mark.parametrize(
        "entry",
        [
            Rebudgeted(None, 1.5),
            Held(3, "too good"),
            Released(3, "me"),
            Quarantined((1, 2), "odd", "me"),
            Chosen(2, 0.25, -0.0),
            Reserved("flat", 200),
            ControlMade("flat", 7, 3, "cc", CONTEST, True, 0.1, {"first": 0.1}, 12, Bill(1, 2, None), "done"),
            ImpMade(1, "aa", 3, (0.1, -0.2), ("no edit",), Bill(9, 1, 0.1)),
        ],
        ids=kind_of,
    )
    def test_every_other_kind_survives_plain_data(self, entry: Entry) -> None:
        assert from_plain(kind_of(entry), json.loads(json.dumps(to_plain(entry)))) == entry

    def test_an_unknown_kind_is_named(self) -> None:
        with pytest.raises(DatabaseError, match="'surprise'"):
            from_plain("surprise", {})

    def test_damaged_data_is_named_with_its_place(self) -> None:
        plain = to_plain(trial(0, Stage.RANK))
        plain["key"]["seed"] = "many"
        with pytest.raises(DatabaseError, match=r"'trial'.*key\.seed"):
            from_plain("trial", plain)

    def test_kinds_have_one_record_each(self) -> None:
        assert len(set(KINDS.values())) == len(KINDS)

    def test_imp_counts_refused_children_as_nothing_gained(self) -> None:
        made = ImpMade(1, "aa", 4, (0.2, -0.4), ("no edit", "no edit"))
        assert (made.mean, made.best) == (pytest.approx(-0.05), 0.2)


class TestFold:
    def test_nothing_is_no_campaign(self) -> None:
        assert fold([]) is None

    def test_a_log_that_lost_its_beginning_is_damaged(self) -> None:
        with pytest.raises(DatabaseError, match="beginning is lost"):
            fold([ZERO])

    def test_a_child_is_unborn_until_it_passed_its_test_for_life(self) -> None:
        unborn = folded(edit(1))
        assert unborn.unborn is not None
        assert [member.number for member in unborn.members] == [0]
        born = folded(*child(1))
        assert (born.unborn, born.born, [member.number for member in born.members]) == (None, 1, [0, 1])

    def test_refusals_keep_what_was_tried_and_what_it_took(self) -> None:
        state = folded(edit(1, status=Status.NO_EDIT), edit(2), LifeTested(2, Status.CRASH, "dead", Bill(1, 5, 0.0)))
        assert [(each.number, each.status, each.calls) for each in state.refusals] == [
            (1, Status.NO_EDIT, 2),
            (2, Status.CRASH, 3),
        ]
        assert (state.born, len(state.members)) == (2, 1)

    def test_money_of_unknown_amount_stays_unknown(self) -> None:
        state = folded(*child(1))
        assert state.bill == Bill(3, 15, None)
        assert state.bills["edit"] == Bill(2, 10, 0.5)

    def test_the_first_scaffold_is_ranked_by_its_calibration(self) -> None:
        state = folded(trial(0, Stage.CALIBRATE), trial(0, Stage.CALIBRATE, "sealed0"), trial(0, Stage.CONFIRM))
        assert [(each.key.problem, each.key.stage) for each in state.ranking()] == [("search0", Stage.RANK)]

    def test_held_until_released(self) -> None:
        state = folded(*child(1), Held(1, "too good"))
        assert state.held == {1: "too good"}
        assert state.barred(1)
        free = apply(state, Released(1, "me"))
        assert (free.held, free.released, free.barred(1)) == ({}, {1: "me"}, False)

    def test_quarantine_bars_for_good(self) -> None:
        state = folded(*child(1), *child(2, 1), Quarantined((1, 2), "odd", "me"), Released(1, "me"))
        assert state.barred(1)
        assert state.quarantined == {1: "odd", 2: "odd"}

    def test_limits_can_be_changed_and_nothing_else(self) -> None:
        state = folded(Rebudgeted(900, None))
        assert state.settings == STARTED.settings.model_copy(update={"calls": 900})

    @pytest.mark.parametrize(
        "entry",
        [
            STARTED,
            replace(ZERO),
            Member(1, "bb", None, "", "", None),
            LifeTested(1, Status.VALID),
            edit(1, parent=9),
            Held(4, "too good"),
            Released(4, "me"),
        ],
        ids=["begun twice", "zero twice", "no parent", "nobody to test", "unknown parent", "held", "released"],
    )
    def test_an_entry_that_cannot_follow_is_damage(self, entry: Entry) -> None:
        with pytest.raises(DatabaseError):
            folded(entry)

    def test_a_second_certificate_is_damage(self, toy_run: Run) -> None:
        outcome, book = toy_run()
        certificate = outcome.state.certificate
        assert certificate is not None
        with pytest.raises(DatabaseError):
            fold([*book.entries(), certificate])

    def test_reading_twice_changes_nothing(self, toy_run: Run) -> None:
        outcome, book = toy_run()
        assert fold(book.entries()) == fold(book.entries()) == outcome.state

    def test_names_of_problems(self) -> None:
        state = folded()
        assert state.problem("probe0").use is Use.PROBE
        with pytest.raises(KeyError):
            state.problem("nowhere")
