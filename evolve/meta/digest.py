"""What a scaffold is told when it is to improve itself: the host's numbers of its own runs, and what was tried before.

Only runs that ranked it are in it: nothing of sealed problems or probes, of confirmations, or of what a person has put
into quarantine.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from evolve.assembly import opaque_seed
from evolve.genome.genome import Genome
from evolve.meta import predictions, verdicts
from evolve.meta.areas import mean_area, mean_curve
from evolve.meta.entries import Bill
from evolve.meta.records import Stage, Tally, Trial, Use
from evolve.meta.state import CampaignState
from evolve.scaffold.base import AttemptView, CurveView, MetaView, ModelView, OperatorView

QUOTES = 10
"""Most lines of feedback on failures."""

ATTEMPTS = 40
"""Most earlier edits, the latest."""

QUOTE = 300
"""Most characters of a quoted sentence."""


def view(state: CampaignState, number: int, genome: Genome, models: Sequence[ModelView], purpose: str) -> MetaView:
    """The digest for editing `genome`, whose measured figures are those of scaffold `number`.

    `purpose` tells the seeds of different questions apart.
    """
    own = _runs(state, number)
    parent = state.member(number).parent
    bill = sum((Bill(run.measured.calls, run.measured.tokens, run.measured.cost) for run in own), Bill())
    runs = max(1, len(own))
    return MetaView(
        seed=opaque_seed(state.seed, purpose),  # the seeds of trials are worked out from the campaign's
        files=genome.files,
        models=tuple(models),
        curves=_curves(state, own, [] if parent is None else _runs(state, parent)),
        operators=_operators(own),
        statuses=dict(sum((Counter(run.measured.statuses) for run in own), Counter())),
        feedback=_quotes(own),
        attempts=attempts(state)[-ATTEMPTS:],
        calls=bill.calls / runs,
        tokens=bill.tokens / runs,
        cost=None if bill.cost is None else bill.cost / runs,
    )


def attempts(state: CampaignState) -> tuple[AttemptView, ...]:
    """All edits of the campaign in the order of their numbers, quarantined ones and their descendants left out."""
    hits = predictions.hits(state)
    measured = verdicts.gains(state, Stage.RANK)
    table = {member.number: _runs(state, member.number) for member in state.members}
    found: dict[int, AttemptView] = {}
    for member in state.members:
        if member.parent is None or member.number in state.quarantined:
            continue
        gain = _gain(table[member.number], table[member.parent]) if member.number in measured else None
        outcome = "held for review" if member.held else "measured" if gain is not None else "not measured yet"
        found[member.number] = AttemptView(
            opaque(state, member.number),
            opaque(state, member.parent),
            member.idea,
            outcome,
            member.prediction,
            gain,
            hits[member.number],
        )
    for refusal in state.refusals:
        if refusal.parent not in state.quarantined:
            outcome = f"{refusal.status.value}: {refusal.reason}"[:QUOTE]
            names = opaque(state, refusal.number), opaque(state, refusal.parent)
            found[refusal.number] = AttemptView(*names, refusal.idea, outcome, refusal.prediction)
    return tuple(found[number] for number in sorted(found))


def opaque(state: CampaignState, number: int) -> str:
    """A name of a scaffold that says nothing about when it was made or what is in it."""
    return hashlib.sha256(f"{state.seed}:scaffold:{number}".encode()).hexdigest()[:8]


def _runs(state: CampaignState, number: int) -> list[Trial]:
    return [trial for trial in state.ranking() if trial.key.scaffold == number]


def _gain(own: Sequence[Trial], parent: Sequence[Trial]) -> float | None:
    """The difference of mean areas in the cells both were run in; None without any."""
    cells = {(trial.key.problem, trial.key.seed) for trial in own}
    cells &= {(trial.key.problem, trial.key.seed) for trial in parent}
    if not cells:
        return None
    mine, theirs = (
        mean_area(trial for trial in side if (trial.key.problem, trial.key.seed) in cells) for side in (own, parent)
    )
    return mine - theirs


def _curves(state: CampaignState, own: Sequence[Trial], parent: Sequence[Trial]) -> tuple[CurveView, ...]:
    return tuple(
        CurveView(problem.name, mean_curve(_on(problem.name, own)), mean_curve(_on(problem.name, parent)))
        for problem in state.problems(Use.SEARCH)
        if _on(problem.name, own)
    )


def _on(problem: str, trials: Iterable[Trial]) -> list[Trial]:
    return [trial for trial in trials if trial.key.problem == problem]


def _operators(trials: Sequence[Trial]) -> tuple[OperatorView, ...]:
    names = sorted({name for trial in trials for name in trial.measured.operators})
    return tuple(_operator(name, [trial.measured.operators for trial in trials]) for name in names)


def _operator(name: str, runs: Sequence[Mapping[str, Tally]]) -> OperatorView:
    tallies = [run[name] for run in runs if name in run]
    return OperatorView(
        name,
        proposals=sum(tally.proposals for tally in tallies),
        valid=sum(tally.valid for tally in tallies),
        improved=sum(tally.improved for tally in tallies),
        calls=sum(tally.calls for tally in tallies),
    )


def _quotes(trials: Sequence[Trial]) -> tuple[str, ...]:
    """What failures were said to be, each once, the first ones of every run before the second ones."""
    lines: dict[str, None] = {}
    for position in range(QUOTES):
        for trial in trials:
            if position < len(trial.measured.feedback):
                lines.setdefault(trial.measured.feedback[position][:QUOTE])
    return tuple(lines)[:QUOTES]
