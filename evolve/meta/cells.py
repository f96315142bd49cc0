"""Which runs a stage consists of: problems, seeds and calls, all fixed by the suite, the settings and one seed.

Where scaffolds are compared by fresh runs, all of them take one cell (problem and seed) before any goes on to the next,
and take turns at being first: an outage, or a provider that changes a model, then hits all sides alike.
"""

from __future__ import annotations

from evolve.assembly import derived_seed
from evolve.meta.records import ZERO, Stage, TrialKey, Use
from evolve.meta.state import CampaignState

SMOKE_CALLS = 3
"""Calls of a child's first run, in which it only has to start and to answer."""


def seeds_of(state: CampaignState, stage: Stage, count: int) -> tuple[int, ...]:
    """The seeds of a stage. Ranking and calibration share theirs: the first scaffold is measured once for both."""
    own = Stage.RANK if stage is Stage.CALIBRATE else stage
    return tuple(derived_seed(state.seed, f"{own.value}:{index}") for index in range(count))


def calibration(state: CampaignState) -> tuple[TrialKey, ...]:
    """The first scaffold on all problems that must have room: those to search on and those to certify on."""
    problems = (*state.suite.used(Use.SEARCH), *state.suite.used(Use.SEALED))
    return _keys(state, ZERO, Stage.CALIBRATE, [problem.name for problem in problems], state.settings.rank_seeds)


def ranking(state: CampaignState, scaffold: int) -> tuple[TrialKey, ...]:
    """The runs by which a scaffold is ranked, the same problems and seeds for all."""
    return _keys(state, scaffold, Stage.RANK, _names(state, Use.SEARCH), state.settings.rank_seeds)


def smoke(state: CampaignState, scaffold: int) -> TrialKey:
    """A child's first run, on the first problem that has room."""
    return TrialKey(
        scaffold,
        _names(state, Use.SEARCH)[0],
        seeds_of(state, Stage.ALIVE, 1)[0],
        Stage.ALIVE,
        min(SMOKE_CALLS, state.suite.calls),
    )


def confirmation(state: CampaignState, scaffolds: tuple[int, ...]) -> tuple[TrialKey, ...]:
    """The first scaffold and the leaders on fresh seeds."""
    names = _names(state, Use.SEARCH)
    return _in_turns(state, (ZERO, *scaffolds), Stage.CONFIRM, names, state.settings.confirm_seeds)


def certification(state: CampaignState, scaffold: int) -> tuple[TrialKey, ...]:
    """The one final test: sealed problems, then probes, for the first scaffold and the chosen one."""
    both, sealed, probes = (ZERO, scaffold), _names(state, Use.SEALED), _names(state, Use.PROBE)
    return (
        *_in_turns(state, both, Stage.CERTIFY, sealed, state.settings.certificate_seeds),
        *_in_turns(state, both, Stage.PROBE, probes, state.settings.probe_seeds),
    )


def longer(state: CampaignState, calls: int) -> tuple[TrialKey, ...]:
    """The first scaffold once on every sealed problem, with an equal share of `calls` besides its own."""
    names = _names(state, Use.SEALED)
    seed = seeds_of(state, Stage.LONGER, 1)[0]
    share = calls // max(1, len(names))
    return tuple(TrialKey(ZERO, name, seed, Stage.LONGER, state.suite.calls + share) for name in names)


def calls_of(keys: tuple[TrialKey, ...]) -> int:
    """The most calls that these runs can take."""
    return sum(key.calls for key in keys)


def _names(state: CampaignState, use: Use) -> tuple[str, ...]:
    return tuple(problem.name for problem in state.problems(use))


def _keys(
    state: CampaignState, scaffold: int, stage: Stage, problems: list[str] | tuple[str, ...], count: int
) -> tuple[TrialKey, ...]:
    seeds = seeds_of(state, stage, count)
    return tuple(TrialKey(scaffold, name, seed, stage, state.suite.calls) for seed in seeds for name in problems)


def _in_turns(
    state: CampaignState, scaffolds: tuple[int, ...], stage: Stage, problems: tuple[str, ...], count: int
) -> tuple[TrialKey, ...]:
    """All scaffolds in every cell, the one that begins another in each cell of a problem and of a seed."""
    return tuple(
        TrialKey(scaffolds[(turn + place + index) % len(scaffolds)], name, seed, stage, state.suite.calls)
        for index, seed in enumerate(seeds_of(state, stage, count))
        for place, name in enumerate(problems)
        for turn in range(len(scaffolds))
    )
