from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from rich.console import Console

from evolve.config import BudgetSettings
from evolve.domain import Direction, Estimate, Outcome, Status
from evolve.engine import Progress
from evolve.events import ArchiveChanged, CandidateTold, EvaluationRetried, ModelsReady, PolishStarted, RunStarted
from evolve.report.lines import LineDisplay
from evolve.report.live import panel
from evolve.report.watch import Scene, Watch
from evolve.store import CurvePoint, RunStatus, RunSummary

ISOLATION = "sandbox local (namespaces): no network, no home; not isolated: memory cgroup"


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def summary(told: int = 0, seed: float | None = None) -> RunSummary:
    return RunSummary(
        3, "run", "packing", "excess", Direction.MINIMIZE, RunStatus.RUNNING, told, told, told, told, None, None, seed,
        0.0, datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip


def watched(clock: Clock, *, told: int = 0, limits: BudgetSettings | None = None) -> Watch:
    limits = limits or BudgetSettings(seconds=60, evaluations=1000)
    scene = Scene(3, "packing", "excess", "%", Direction.MINIMIZE, limits)
    curve = [CurvePoint(0, 0.1, 0, 4.2), CurvePoint(7, 2.0, 7, 3.5)] if told else []
    statuses = {Status.VALID: told - 2, Status.CRASH: 2} if told else {}
    return Watch(scene, summary(told, 4.2 if told else None), statuses, curve, clock)


def told(number: int, objective: float | None, *, best: bool = False, status: Status | None = None) -> CandidateTold:
    estimate = None if objective is None else Estimate(objective)
    status = status or (Status.VALID if objective is not None else Status.CRASH)
    operator = "seed" if number == 0 else "tune"
    return CandidateTold(number, operator, 0, status, estimate, Outcome.NEW_CELL, best, None, float(number))


def progress(evaluations: int, elapsed: float = 30.0) -> Progress:
    return Progress(evaluations, evaluations, elapsed, 1, ((64, 256), (0, 256)), False)


def drawn(watch: Watch, look: Progress | None, width: int = 100) -> str:
    out = io.StringIO()
    Console(file=out, width=width).print(panel(watch, look, width))
    return out.getvalue()


def test_the_live_view_shows_best_rate_coverage_failures_and_what_is_left() -> None:
    clock = Clock()
    watch = watched(clock)
    watch.observe(RunStarted(3, "packing", ISOLATION, False, 0))
    watch.observe(told(0, 4.2, best=True))
    drawn(watch, progress(100, 29.0))
    for event in (told(1, 3.25, best=True), told(2, 5.0), told(3, None), told(4, None, status=Status.TIMEOUT)):
        watch.observe(event)
    clock.now += 2
    seen = drawn(watch, progress(500))
    assert "3.25 %  excess (less is better) · seed 4.2 % · -0.95" in seen
    assert "500 evaluations · 200/s" in seen
    assert "30 s of 60 s left" in seen
    assert "500 of 1,000 left" in seen
    assert "64 of 256 cells (25%)" in seen
    assert "0 of 256 cells (0%)" in seen
    assert "crash 1, timeout 1" in seen
    assert "#1" in seen
    assert "sandbox local (namespaces); not isolated: memory cgroup" in seen
    assert "Ctrl-C" in seen


@pytest.mark.parametrize("width", [40, 80, 140])
def test_the_live_view_fits_its_terminal(width: int) -> None:
    watch = watched(Clock(), told=50)
    watch.observe(RunStarted(3, "packing", ISOLATION, True, 50))
    watch.observe(ArchiveChanged("Migrated", "x" * 300))
    lines = drawn(watch, progress(500), width).splitlines()
    assert max(map(len, lines)) <= width
    assert len(lines) < 40


def test_many_islands_are_summed_up() -> None:
    many = Progress(9, 9, 1.0, None, ((3, 10),) * 40, False)
    seen = drawn(watched(Clock()), many)
    assert "40 islands" in seen
    assert "120 of 400 cells (30%)" in seen
    assert "island 7" not in seen


def test_what_earlier_sittings_reached_is_there_from_the_start() -> None:
    watch = watched(Clock(), told=50)
    assert watch.best is not None
    assert (watch.best.number, watch.best.objective, watch.best.step) == (7, 3.5, pytest.approx(-0.7))
    assert watch.failures() == [(Status.CRASH, 2)]
    assert "seed 4.2 %" in drawn(watch, progress(50))


def test_a_hostile_operator_or_note_cannot_style_the_view() -> None:
    watch = watched(Clock())
    watch.observe(ArchiveChanged("x", "\x1b[2J[bold]note[/]"))
    seen = drawn(watch, None)
    assert "\\x1b[2J[bold]note[/]" in seen
    assert "\x1b" not in seen


def lines_of(clock: Clock, watch: Watch) -> tuple[LineDisplay, io.StringIO]:
    out = io.StringIO()
    return LineDisplay(watch, Console(file=out, width=200), clock), out


def test_lines_say_how_the_run_stands_every_few_seconds_and_no_oftener() -> None:
    clock = Clock()
    display, out = lines_of(clock, watched(clock, told=50))
    for tick in range(41):
        clock.now = 100 + tick / 4
        display.tick(progress(50 + 25 * tick, tick / 4))
    states = [line for line in out.getvalue().splitlines() if "evaluations" in line]
    assert len(states) == 2
    assert "(100/s)" in states[1]
    assert "best 3.5 % (seed 4.2 %)" in states[1]
    assert "cells 64/256 + 0/256" in states[1]
    assert "failed 4%" in states[1]
    assert "50 s left" in states[1]


def test_improvements_in_quick_succession_become_one_line() -> None:
    clock = Clock()
    display, out = lines_of(clock, watched(clock))
    display.observe(told(0, 4.0, best=True))
    display.tick(None)
    for number in range(1, 6):
        display.observe(told(number, 4.0 - number / 10, best=True))
        clock.now += 0.1
        display.tick(None)
    clock.now += 1.0
    display.tick(None)
    display.observe(told(9, 3.5, best=True))
    display.close()
    lines = [line.strip() for line in out.getvalue().splitlines()]
    assert lines == [
        "0.0 s  best 4 %: candidate 0 by seed",
        "5.0 s  best 3.5 % (-0.5 in 5 steps): candidate 5 by tune",
        "9.0 s  best 3.5 % (shorter): candidate 9 by tune",
    ]


def test_lines_tell_of_a_resumed_run_polishing_and_a_failing_sandbox() -> None:
    clock = Clock()
    display, out = lines_of(clock, watched(clock, told=50))
    display.observe(RunStarted(3, "packing", ISOLATION, True, 50))
    display.observe(EvaluationRetried(51, 1, "slot died\nbadly"))
    display.observe(PolishStarted(7))
    assert out.getvalue() == "", "an observer runs within the search and waits for no reader"
    display.tick(None)
    assert out.getvalue().splitlines() == [
        "going on with run 3 of packing after 50 candidates",
        ISOLATION,
        "the sandbox failed on candidate 51, trying again: slot died badly",
        "simplifying the winner, candidate 7",
    ]


MODELS = ModelsReady(("openai/x",), ((1.0, 4.0),), 2_000, 500)


def asking(evaluations: int, under_way: int = 0, *, talking: int = 0, money: float | None = 0.0) -> Progress:
    return replace(progress(evaluations), under_way=under_way, talking=talking, money=money, tokens=900)


def test_evaluations_done_and_those_under_way_are_told_apart_and_both_are_used() -> None:
    clock = Clock()
    watch = watched(clock)
    watch.observe(MODELS)
    drawn(watch, asking(400, 100))
    clock.now += 2
    seen = drawn(watch, asking(390, 9))
    assert "390 evaluations · 0/s · 9 under way" in seen
    assert "601 of 1,000 left" in seen
    assert "-" not in re.findall(r"evaluations · (\S+)/s", seen)[0]


def test_the_last_evaluation_is_one() -> None:
    clock = Clock()
    display, out = lines_of(clock, watched(clock, told=50))
    clock.now += 10
    display.tick(progress(999))
    assert "1 evaluation left" in out.getvalue()


def test_what_nobody_knows_the_price_of_is_never_free() -> None:
    watch = watched(Clock())
    watch.observe(replace(MODELS, prices=(None,)))
    seen = drawn(watch, asking(1))
    assert "price unknown" in seen
    assert "$0" not in seen.split("models")[1].split("\n")[0]
    watch.observe(MODELS)
    assert "$0.25, 900 tokens" in drawn(watch, asking(1, money=0.25))


def test_a_replay_says_what_answers_and_that_nothing_is_paid() -> None:
    clock = Clock()
    display, out = lines_of(clock, watch := watched(clock))
    display.observe(replace(MODELS, replay="run 3"))
    display.tick(None)
    assert "models: openai/x; run 3 answers for them; nothing is asked or paid" in out.getvalue()
    assert "the answers replayed cost $0.20 when recorded, nothing now" in drawn(watch, asking(9, money=0.2))


def test_improvements_say_which_model_made_them() -> None:
    clock = Clock()
    watch = watched(clock)
    display, out = lines_of(clock, watch)
    for event in (told(0, 4.0, best=True), replace(told(1, 3.0, best=True), operator="plan", model="openai/x")):
        display.observe(event)
    display.close()
    assert "plan by openai/x" in drawn(watch, progress(2))
    assert "candidate 1, plan by openai/x" in out.getvalue()


def test_an_improvement_nobody_can_see_is_not_listed_but_counts() -> None:
    watch = watched(Clock())
    for number, objective in enumerate((4.0, 3.5, 3.5 - 1e-12, 3.5 - 2e-12, 3.5 - 2e-12, 3.25)):
        watch.observe(told(number, objective, best=True))
    assert [row.number for row in watch.improvements] == [0, 1, 5]
    assert watch.best is not None
    assert (watch.best.number, watch.best.step) == (5, pytest.approx(-0.25))


def test_a_shorter_winner_is_not_called_improved() -> None:
    watch = watched(Clock())
    for number, objective in enumerate((4.0, 3.5, 3.5)):
        watch.observe(told(number, objective, best=True))
    seen = [line.split() for line in drawn(watch, progress(3)).splitlines() if "#" in line]
    assert [words[1] for words in seen] == ["shorter", "improved", "began"]


def test_after_ctrl_c_it_says_what_is_waited_for() -> None:
    clock = Clock()
    watch = watched(clock)
    display, out = lines_of(clock, watch)
    display.tick(asking(5, 3, talking=3))
    display.stopping()
    display.close()
    assert "stopping: waiting for 3 answers; Ctrl-C again drops them" in out.getvalue()
    watch.is_stopping = True
    seen = drawn(watch, asking(5, 1, talking=1))
    assert "stopping: waiting for 1 answer; Ctrl-C again drops them" in seen
    assert "twice: stop at once" not in seen
    assert "finishing what is being evaluated" in drawn(watch, progress(5))
