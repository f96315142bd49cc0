"""A trial as an ordinary run: the settings it is made with, and what is read off its log."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from evolve.config import BudgetSettings, LLMSettings, ProblemSettings, Settings
from evolve.domain import SEED_NUMBER, Status
from evolve.genome.fault import kind_of
from evolve.genome.folder import zero
from evolve.genome.genome import Genome
from evolve.meta.records import FAULT, Measured, Suite, SuiteProblem, Tally, TrialKey
from evolve.store import RunRow, Store, TellRow

EVALUATIONS_PER_CALL = 4
"""Where a suite limits no evaluations. A trial without tuning takes one for each call at most."""
QUOTES, QUOTED = 10, 400
"""How many failures are quoted, and how much of each, in characters."""


def trial_name(campaign: int, key: TrialKey) -> str:
    """What a trial is called in the database: the same trial has the same name, and no other has it."""
    return f"c{campaign}.s{key.scaffold}.{key.stage}.{key.problem}.{key.seed}.{key.calls}"


def trial_settings(
    given: Settings, suite: Suite, problem: SuiteProblem, genome: Genome, key: TrialKey, lanes: int
) -> Settings:
    """The settings of a trial, from those of its campaign; `within` adds its share of the money.

    A run with more calls than the suite's has more evaluations in proportion, so that it is calls that end it.
    One proposal at a time, in order: then the seed, the scaffold and the answers decide everything. No evaluation goes
    to tuning, simplifying or looking again, for calls are what is compared. A noisy problem is looked at once per
    program, with the same noise for the same program on both sides of a comparison.
    """
    named = "" if genome.digest == zero().digest else genome.digest
    search = given.search.model_copy(update={"order": "ordered", "window": 1, "strategy": "evolve"})
    scaffold = given.scaffold.model_copy(update={"id": named, "polish": 0, "builtin": 0.0, "tuned": 0})
    evaluations = max(suite.evaluations, math.ceil(suite.evaluations * key.calls / suite.calls))
    return given.model_copy(
        update={
            "seed": key.seed,
            "search": search,
            "scaffold": scaffold,
            "budget": BudgetSettings(calls=key.calls, evaluations=evaluations or EVALUATIONS_PER_CALL * key.calls),
            "workers": given.workers.model_copy(update={"evaluations": 1}),
            "noise": given.noise.model_copy(update={"seed_looks": 1}),
            "llm": shared(given.llm, lanes),
            "problem": ProblemSettings(parameters=dict(problem.parameters)),
        }
    )


def within(settings: Settings, money: float | None) -> Settings:
    """The settings with so many US dollars for the whole trial, earlier sittings included; None is no limit."""
    return settings.model_copy(update={"budget": settings.budget.model_copy(update={"money": money})})


def shared(llm: LLMSettings, lanes: int) -> LLMSettings:
    """Each lane paces its own calls, so what a provider allows per minute is divided among them."""
    paces = ("requests_per_minute", "tokens_per_minute")
    models = tuple(
        model.model_copy(update={pace: value / lanes for pace in paces if (value := getattr(model, pace)) is not None})
        for model in llm.models
    )
    return llm.model_copy(update={"models": models})


def measured(store: Store, run: RunRow, calls: int, failed: str = "") -> Measured:
    """What came of a trial's run, from its log. With `failed` it has no curve, nor without a score of the seed program.

    Cost and tokens are those of answers. What calls without one may have cost depends on when a process was killed, so
    it is no part of what is measured; the bench holds it against the campaign's limit.
    """
    seed = run.summary.seed_objective
    if seed is None and not failed:
        failed = "the seed program has no score in this run"
    log, units = _counting(store, run.id), store.calls(run.id)
    sign = run.summary.direction.sign
    statuses = store.statuses(run.id)
    money = store.money(run.id)
    proposals = [row for row in log if row.number != SEED_NUMBER]
    failures = _failures(store, run.id, proposals)
    return Measured(
        bests=() if failed else _bests(log, units, sign, calls),
        seed_score=0.0 if seed is None else sign * seed,
        calls=sum(units.values()),
        evaluations=sum(count for status, count in statuses.items() if status.costs_evaluation),
        statuses=_statuses(proposals, failures),
        operators=_operators(proposals, units),
        feedback=tuple(_quotes(failures)),
        tokens=money.tokens,
        cost=None if money.unknown else money.cost,
        wall=run.summary.elapsed,
        run=run.id,
        failed=failed,
    )


def _counting(store: Store, run_id: int) -> Sequence[TellRow]:
    """The tells in order. One that was found out at the end of the run has no score, and neither have its descendants:
    what was built on a score that cannot be true is no progress.
    """
    out = {relook.number for relook in store.late_relooks(run_id) if relook.status is not Status.VALID}
    log: list[TellRow] = []
    for row in store.tells(run_id):
        if row.number in out or out.intersection(row.origin.parents):
            out.add(row.number)
            row = replace(row, status=Status.SUSPECT, objective=None)
        log.append(row)
    return log


def _bests(log: Sequence[TellRow], units: Mapping[int, int], sign: float, calls: int) -> tuple[float, ...]:
    """Best score so far after each call. A candidate's score counts once all its calls are spent, its lesson's too."""
    best, bests = float("-inf"), []
    for row in log:
        bests += [best] * (units.get(row.number, 0) - 1)
        if row.objective is not None:
            best = max(best, sign * row.objective.mean)
        bests += [best] * (row.number in units)
    return tuple((*bests, *[best] * (calls - len(bests)))[:calls])


def _failures(store: Store, run_id: int, proposals: Sequence[TellRow]) -> list[tuple[Status, str]]:
    """Status and feedback of every proposal that has no score, in order."""
    failed = [row for row in proposals if row.status is not Status.VALID]
    said = store.remarks(run_id, [row.number for row in failed])
    return [(row.status, said[row.number].feedback.strip() if row.number in said else "") for row in failed]


def _statuses(proposals: Sequence[TellRow], failures: Sequence[tuple[Status, str]]) -> Mapping[str, int]:
    """Proposals by status, and faults of the scaffold itself by kind."""
    counts = Counter(row.status.value for row in proposals)
    counts.update(f"{FAULT}{kind}" for _, feedback in failures if (kind := kind_of(feedback)))
    return dict(sorted(counts.items()))


def _operators(proposals: Sequence[TellRow], units: Mapping[int, int]) -> Mapping[str, Tally]:
    tallies: dict[str, Tally] = {}
    for row in proposals:
        known = tallies.get(row.origin.operator, Tally())
        tallies[row.origin.operator] = Tally(
            known.proposals + 1,
            known.valid + (row.status is Status.VALID),
            known.improved + (row.verdict.gain is not None and row.verdict.gain > 0),
            known.calls + units.get(row.number, 0),
        )
    return dict(sorted(tallies.items()))


def _quotes(failures: Sequence[tuple[Status, str]]) -> Iterator[str]:
    """Some of what was said of failures, each once."""
    quotes = dict.fromkeys(f"{status}: {feedback[:QUOTED]}" for status, feedback in failures if feedback)
    yield from list(quotes)[:QUOTES]
