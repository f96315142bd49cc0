"""What a scaffold is told for improving itself, and whether what it predicted came true."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evolve.meta import digest, predictions
from evolve.meta.entries import Quarantined
from evolve.meta.records import Measured, Member, Stage, Trial, TrialKey, Use
from evolve.meta.state import CampaignState, apply
from evolve.scaffold.base import MetaView, Prediction
from tests.meta.conftest import Run, run_toy
from tests.meta.toy.bench import MODEL, ToyBench, toy_zero
from tests.meta.toy.mind import PERSONAS


def view(state: CampaignState, number: int) -> MetaView:
    return digest.view(state, number, toy_zero(), (MODEL,), "test")


@pytest.fixture(scope="module")
def state() -> CampaignState:
    return run_toy(ToyBench(PERSONAS["medium"]), children=7, seed=3)[0].state


def trial(scaffold: int, problem: str, area: float, **measured: object) -> Trial:
    given: dict[str, object] = {"bests": (area,), "seed_score": 0.0, "calls": 1, **measured}
    return Trial(TrialKey(scaffold, problem, 1, Stage.RANK, 1), Measured(**given), area, (area,))  # type: ignore[arg-type]


class TestDigest:
    def test_is_of_search_problems_only(self, state: CampaignState) -> None:
        secret = {each.name for each in state.suite.problems if each.use is not Use.SEARCH}
        for member in state.members:
            shown = repr(view(state, member.number))
            assert not [name for name in secret if name in shown]
            assert {curve.problem for curve in view(state, member.number).curves} == {"search0", "search1", "search2"}

    def test_curves_are_its_own_and_its_parents(self, state: CampaignState) -> None:
        child = state.members[-1]
        assert child.parent is not None
        own, parent = view(state, child.number), view(state, child.parent)
        assert [curve.parent for curve in own.curves] == [curve.own for curve in parent.curves]
        assert all(curve.parent == () for curve in view(state, 0).curves)

    def test_counts_are_those_of_its_ranking(self, state: CampaignState) -> None:
        (operator,) = view(state, 0).operators
        runs = [each for each in state.ranking() if each.key.scaffold == 0]
        assert operator.proposals == sum(view(state, 0).statuses.values()) == 8 * len(runs)
        assert view(state, 0).calls == 8
        assert view(state, 0).cost == pytest.approx(0.008)

    def test_attempts_are_all_others_in_order_with_what_came_of_them(self, state: CampaignState) -> None:
        attempts = view(state, 0).attempts
        assert len(attempts) == state.born == 7
        measured = [each for each in attempts if each.outcome == "measured"]
        assert measured
        assert all(each.gain is not None and each.hit is (each.gain > 0) for each in measured)
        refused = [each for each in attempts if each.outcome != "measured"]
        assert len(refused) == len(state.refusals)
        assert all(each.gain is None and each.hit is None for each in refused)

    def test_names_say_nothing(self, state: CampaignState) -> None:
        for member in state.members:
            assert member.digest[:8] != digest.opaque(state, member.number)

    def test_what_is_in_quarantine_is_left_out(self, state: CampaignState) -> None:
        parents = [member for member in state.members if member.parent]
        out = tuple(member.number for member in parents) or (1,)
        names = {digest.opaque(state, number) for number in out}
        after = view(apply(state, Quarantined(out, "odd", "me")), 0)
        assert not [each for each in after.attempts if {each.scaffold, each.parent} & names]

    def test_another_question_has_another_seed(self, state: CampaignState) -> None:
        seeds = {digest.view(state, 0, toy_zero(), (), purpose).seed for purpose in ("edit:1", "life:1", "edit:2")}
        assert len(seeds) == 3

    def test_the_campaigns_seed_is_not_shown(self) -> None:
        """The seeds of sealed runs, and with them their cases, are worked out from it."""
        secret = run_toy(children=2, seed=987_654_321)[0].state
        shown = view(secret, 0)
        assert "987654321" not in repr(shown)
        assert len(shown.seed) == 64
        assert int(shown.seed, 16)

    def test_quotes_are_few_and_each_once(self) -> None:
        bad = run_toy(ToyBench(PERSONAS["bold"]), children=1)[0].state
        quotes = view(bad, 0).feedback
        assert len(quotes) == len(set(quotes)) <= digest.QUOTES


class TestPredictions:
    PARENT = (trial(0, "a", 0.5, tokens=100), trial(0, "b", 0.5, tokens=100))
    CHILD = (
        trial(1, "a", 0.7, tokens=90, statuses={"valid": 3, "no_edit": 1}),
        trial(1, "b", 0.2, tokens=90, statuses={"valid": 4}),
    )

    @pytest.mark.parametrize(
        ("prediction", "hit"),
        [
            (Prediction("area", "up"), False),
            (Prediction("area", "down"), True),
            (Prediction("area", "up", ("a",)), True),
            (Prediction("final", "up", ("b",)), False),
            (Prediction("tokens", "down"), True),
            (Prediction("invalid_replies", "up"), True),
            (Prediction("valid_share", "up"), True),
            (Prediction("area", "up", ("elsewhere",)), None),
        ],
    )
    def test_are_judged_on_the_problems_they_name(self, prediction: Prediction, hit: bool | None) -> None:
        assert predictions.came_true(prediction, self.CHILD, self.PARENT) is hit

    def test_a_fault_of_the_scaffolds_own_is_one_unusable_reply_not_two(self) -> None:
        faulty = [trial(1, "a", 0.5, statuses={"valid": 4, "no_edit": 4, "scaffold_crash": 3, "scaffold_gone": 1})]
        plain = [trial(0, "a", 0.5, statuses={"valid": 4, "no_edit": 4})]
        assert predictions.unusable(faulty[0].measured.statuses) == 4
        for metric in ("valid_share", "invalid_replies"):
            for direction in ("up", "down"):
                assert predictions.came_true(Prediction(metric, direction), faulty, plain) is False

    def test_no_movement_is_a_miss_either_way(self) -> None:
        for direction in ("up", "down"):
            assert predictions.came_true(Prediction("area", direction), self.PARENT, self.PARENT) is False

    def test_the_hit_rate_counts_measured_ones(self, state: CampaignState) -> None:
        rate = predictions.hit_rate(state)
        assert rate.judged == len(state.members) - 1
        assert rate.share == rate.hits / rate.judged

    def test_blind_guessing_is_the_same_prediction_of_the_other_scaffolds(self, state: CampaignState) -> None:
        """Three of four children gain: whoever said so of one of the three is right with two of the other three."""
        areas = {0: 0.3, 1: 0.4, 2: 0.5, 3: 0.2, 4: 0.6}
        says = {1: Prediction("area", "up"), 2: Prediction("area", "up", ("elsewhere",)), 3: Prediction("area", "down")}
        members = [Member(n, f"{n}", 0 if n else None, "", "", says.get(n)) for n in areas]
        runs = tuple(trial(number, "search0", area) for number, area in areas.items())
        own = replace(state, members=tuple(members), refusals=(), trials=runs)
        rate = predictions.hit_rate(own)
        assert (rate.hits, rate.judged, rate.unmeasured) == (2, 2, 1)
        assert rate.blind == pytest.approx((2 / 3 + 0 / 3) / 2)
        assert predictions.hit_rate(replace(own, members=tuple(members[:2]))).blind is None

    def test_without_a_prediction_there_is_no_rate(self, toy_run: Run) -> None:
        begun = toy_run(children=1)[0].state
        assert predictions.HitRate(0, 0).share is None
        assert set(predictions.hits(begun)) == {member.number for member in begun.members[1:]}
