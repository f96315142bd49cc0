"""What the trials say of scaffolds against the first one: gains, the order of leaders, and the certificate in words."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from evolve.meta import cells, clades, gate, parents
from evolve.meta.areas import problem_differences
from evolve.meta.records import ZERO, Certificate, Rule, Stage, Trial, Use
from evolve.meta.state import CampaignState


def gains(state: CampaignState, stage: Stage) -> dict[int, float]:
    """Mean areas minus the first scaffold's on the same problems and seeds, by number; `rank` or `confirm`.

    A scaffold that was run in a part of the cells (rule `clade`) is compared in those.
    """
    table = state.ranking() if stage is Stage.RANK else state.of_stage(stage)
    by_number: dict[int, list[Trial]] = {}
    for trial in table:
        by_number.setdefault(trial.key.scaffold, []).append(trial)
    bar = by_number.pop(ZERO, [])
    found = {}
    for number, own in by_number.items():
        held = {(trial.key.problem, trial.key.seed) for trial in own}
        same = [trial for trial in bar if (trial.key.problem, trial.key.seed) in held]
        found[number] = statistics.fmean(problem_differences(own, same).values())
    return found


def leading(state: CampaignState) -> list[int]:
    """The scaffolds that rank above the first one, best first, held and quarantined ones included.

    By gain; by the share of trials won (mean of the posterior from a uniform prior) under rule `clade`, where a gain
    may rest on a single run.
    """
    better = {number: gain for number, gain in gains(state, Stage.RANK).items() if gain > 0}
    if state.settings.rule is Rule.CLADE:
        won = clades.own_outcomes(state.ranking())
        better = {number: (1 + won[number].wins) / (2 + won[number].wins + won[number].losses) for number in better}
    return sorted(better, key=lambda number: (-better[number], number))


def distinct(state: CampaignState, numbers: Sequence[int]) -> list[int]:
    """Those scaffolds whose ranking runs differ from those of all before them in some cell: problem, seed and curve."""
    cells_of: dict[int, set[tuple[str, int, tuple[float, ...], str]]] = {number: set() for number in numbers}
    for trial in state.ranking():
        if trial.key.scaffold in cells_of:
            key, measured = trial.key, trial.measured
            cells_of[key.scaffold].add((key.problem, key.seed, measured.bests, measured.failed))
    kept: dict[frozenset[tuple[str, int, tuple[float, ...], str]], int] = {}
    for number in numbers:
        kept.setdefault(frozenset(cells_of[number]), number)
    return list(kept.values())


def certificate(state: CampaignState) -> Certificate:
    """The verdict on the chosen scaffold, all of whose final runs are there. Raises ValueError when they are not."""
    chosen = state.chosen
    if chosen is None:
        raise ValueError("no scaffold was chosen for the certificate")
    return gate.certificate(
        state.trials,
        scaffold=chosen.number,
        base=ZERO,
        sealed=[problem.name for problem in state.problems(Use.SEALED)],
        seeds=cells.seeds_of(state, Stage.CERTIFY, state.settings.certificate_seeds),
        probes=[problem.name for problem in state.problems(Use.PROBE)],
        probe_seeds=cells.seeds_of(state, Stage.PROBE, state.settings.probe_seeds),
        alpha=state.settings.alpha,
        tolerance=state.settings.tolerance,
        claimed=chosen.claimed,
        doubts=_doubts(state, chosen.number),
    )


def _doubts(state: CampaignState, chosen: int) -> tuple[str, ...]:
    """Final scores of either side that cannot be true: whoever reached one, the runs are not to be trusted."""
    final = [trial for trial in state.trials if trial.key.stage in (Stage.CERTIFY, Stage.PROBE)]
    said = {number: parents.beyond_bound(number, final, state.suite.problems) for number in (chosen, ZERO)}
    return tuple(f"scaffold {number} has a score that cannot be true: {why}" for number, why in said.items() if why)


def sentence(found: Certificate) -> str:
    """The verdict in a sentence."""
    contest = found.contest
    figures = (
        f"{contest.mean:+.4f} of area on {len(contest.differences)} sealed problems "
        f"({contest.level:.0%} interval {contest.low:+.4f} to {contest.high:+.4f}, p = {contest.p:.3g})"
        f"{_failures(found)}"
    )
    if found.granted:
        return f"certified: scaffold {found.scaffold} is better than the first one, {figures}"
    return f"no improvement: scaffold {found.scaffold} is not shown to be better than the first one, {figures}"


def _failures(found: Certificate) -> str:
    if not found.infrastructure:
        return ""
    own = found.infrastructure - found.base_failed
    return f"; the machinery failed in {own} of its runs and {found.base_failed} of the first one's: no gain in either"
