"""What is printed beside a result: the same calls spent on running longer, and after how many runs it pays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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


def broken(keys: Sequence[TrialKey]) -> Callable[[Trial], Trial]:
    """Makes the runs of some keys ones that the machinery failed."""

    def made(trial: Trial) -> Trial:
        failed = Measured((), 0.0, 0, failed="the sandbox died")
        return replace(trial, measured=failed, area=0.0, curve=(0.0,) * trial.key.calls) if trial.key in keys else trial

    return made


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
        short = state.of_stage(Stage.CERTIFY, ZERO)
        assert len(short) == 2 * len(runs), "two seeds a problem, while the long run is one"
        assert control.finals["first"] == pytest.approx(sum(run.curve[7] for run in short) / len(short))
        assert control.finals["first"] < control.finals["longer"] <= 1
        assert "winner" in control.finals

    def test_without_a_certificate_the_short_run_is_the_beginning_of_the_long_one(self, state: CampaignState) -> None:
        runs = state.of_stage(Stage.LONGER)
        none = replace(state, trials=runs, chosen=None, certificate=None)
        finals = controls.longer(none, [run.key for run in runs]).finals
        assert finals["first"] == pytest.approx(sum(run.curve[7] for run in runs) / len(runs))
        assert "winner" not in finals

    def test_a_certificate_that_was_broken_off_says_nothing_of_the_winner(self, state: CampaignState) -> None:
        assert state.chosen is not None
        first = next(run.key for run in state.of_stage(Stage.CERTIFY, state.chosen.number))
        kept = [run for run in state.trials if run.key == first or run.key.stage is Stage.LONGER]
        keys = [run.key for run in state.of_stage(Stage.LONGER)]
        assert "winner" not in controls.longer(replace(state, trials=tuple(kept), certificate=None), keys).finals

    def test_a_run_that_the_machinery_failed_is_named_and_not_held_against_it(self, state: CampaignState) -> None:
        keys = [run.key for run in state.of_stage(Stage.LONGER)]
        down = replace(state, trials=tuple(map(broken(keys[:1]), state.trials)))
        made = controls.longer(down, keys)
        assert made.failed == (keys[0].problem,)
        kept = [run.curve[-1] for run in state.of_stage(Stage.LONGER)[1:]]
        assert made.finals["longer"] == pytest.approx(sum(kept) / len(kept))
        none = controls.longer(replace(state, trials=tuple(map(broken(keys), state.trials))), keys)
        assert not none.finals
        assert none.reason == "the machinery failed in every run, as in: the sandbox died"

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
