"""What is printed beside a result: the same calls spent on running longer, and after how many runs it pays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evolve.meta import cells, controls, purse
from evolve.meta.records import ZERO, Measured, Stage, Trial, TrialKey, Use
from evolve.meta.state import CampaignState
from tests.meta.conftest import Run, run_toy


def with_curves(state: CampaignState, first: tuple[float, ...], winner: tuple[float, ...]) -> CampaignState:
    """The state with other curves in its certificate, on a single sealed problem."""
    assert state.certificate is not None
    number = state.certificate.scaffold
    kept = [each for each in state.trials if each.key.stage is not Stage.CERTIFY]
    made = [
        Trial(TrialKey(who, "sealed0", 1, Stage.CERTIFY, len(curve)), Measured(curve, 0.0, len(curve)), 0.5, curve)
        for who, curve in ((ZERO, first), (number, winner))
    ]
    granted = replace(state.certificate, granted=True)
    return replace(state, trials=(*kept, *made), certificate=granted)


@pytest.fixture(scope="module")
def state() -> CampaignState:
    return run_toy(children=3, controls=("longer",))[0].state


class TestLonger:
    def test_spends_the_campaigns_calls_on_the_sealed_problems(self, state: CampaignState) -> None:
        (control,) = state.controls
        sealed = state.problems(Use.SEALED)
        runs = state.of_stage(Stage.LONGER)
        assert [run.key.problem for run in runs] == [problem.name for problem in sealed]
        share = purse.own(state).calls // len(sealed)
        assert control.run_calls == state.suite.calls + share == runs[0].key.calls
        assert state.bills["longer"].calls == control.run_calls * len(sealed)

    def test_says_what_first_longer_and_winner_reach(self, state: CampaignState) -> None:
        (control,) = state.controls
        runs = state.of_stage(Stage.LONGER)
        assert control.finals["longer"] == pytest.approx(sum(run.curve[-1] for run in runs) / len(runs))
        assert control.finals["first"] == pytest.approx(sum(run.curve[7] for run in runs) / len(runs))
        assert control.finals["first"] < control.finals["longer"] <= 1
        assert "winner" in control.finals

    def test_its_seeds_are_nobody_elses(self, state: CampaignState) -> None:
        others = {each.key.seed for each in state.trials if each.key.stage is not Stage.LONGER}
        assert not others & set(cells.seeds_of(state, Stage.LONGER, 1))


class TestBreakEven:
    def test_is_the_campaigns_calls_over_the_calls_a_run_saves(self, state: CampaignState) -> None:
        saving = with_curves(state, (0.1, 0.2, 0.3, 0.4), (0.4, 0.5, 0.6, 0.7))
        assert controls.calls_saved(saving) == 3
        certified = sum(trial.measured.calls for trial in saving.of_stage(Stage.CERTIFY))
        assert certified == 8
        assert controls.break_even(saving) == pytest.approx(purse.own(saving).calls / 3)

    def test_never_when_nothing_is_saved(self, state: CampaignState) -> None:
        assert controls.break_even(with_curves(state, (0.1, 0.4), (0.1, 0.4))) is None
        assert controls.break_even(with_curves(state, (0.1, 0.4), (0.1, 0.2))) is None

    def test_never_without_a_certificate(self, state: CampaignState, toy_run: Run) -> None:
        refused = with_curves(state, (0.1, 0.4), (0.4, 0.4))
        assert refused.certificate is not None
        assert controls.break_even(replace(refused, certificate=replace(refused.certificate, granted=False))) is None
        assert controls.break_even(replace(refused, certificate=None)) is None
        with pytest.raises(ValueError, match="certificate"):
            controls.calls_saved(replace(refused, certificate=None))

    def test_a_first_scaffold_that_gets_nowhere_cannot_be_beaten_to_it(self, state: CampaignState) -> None:
        assert controls.calls_saved(with_curves(state, (0.0, 0.0), (0.0, 0.5))) == 0
