"""What `evolve.optimize` returns: the winner, how sure one can be of it, and every candidate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from evolve.callable import SCORE
from evolve.domain import SEED_NUMBER, Direction, Estimate, Evaluation, Program, Relook, Series, Status
from evolve.report import figures
from evolve.report.exhausted import ended
from evolve.report.interval import LEVEL, Difference, confirmed_text, paired_difference
from evolve.report.sealing import UNSEALED
from evolve.store import Remarks, Store, TellRow, open_store

if TYPE_CHECKING:
    from evolve.session import Result

Text = str | dict[str, str]
"""A candidate as it was given: the text, or all files as `{path: text}`."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One candidate: its number in the run, text, status and score (None for a failure), and where it comes from.

    `feedback` is what the function said of it, or the end of its traceback; `idea` what a model said it tried.
    """

    number: int
    text: Text
    status: Status
    score: float | None
    feedback: str
    metrics: Mapping[str, float]
    operator: str
    parents: tuple[int, ...]
    idea: str


@dataclass(frozen=True)
class Optimized:
    """The end of a search.

    `improved` says that `score` is strictly better than `seed_score`; where nothing is, `best` is the seed itself and
    not a shorter text with the same score.

    `score` is the winner's on search cases: on a noisy function by looks that chose nothing (`confirmed`), where there
    were any. `held_out_seed` and `held_out` are the scores of seed and winner on held-out data (None without any, or
    where one of them fails there), `difference` the winner's minus the seed's over the held-out cases.
    """

    best: Text
    score: float
    seed_score: float
    feedback: str
    number: int
    improved: bool
    held_out_seed: float | None
    held_out: float | None
    difference: Difference | None
    confirmed: Estimate | None
    evaluations: int
    seconds: float
    finished: bool
    reason: str
    direction: Direction
    run: int
    database: str
    single: str | None = field(repr=False)

    @classmethod
    def of(cls, store: Store, result: Result, direction: Direction, single: str | None) -> Optimized:
        """What a sitting came to."""
        score, before = result.confirmed or result.best or result.seed, result.seed
        assert score is not None, "a sitting that scored no seed raises and has no result"
        assert before is not None, "as above"
        improved = result.best_number not in (None, SEED_NUMBER) and direction.better(score.mean, before.mean)
        if not improved:
            result = _unimproved(result)
            score = result.confirmed or before
        number = result.best_number or SEED_NUMBER
        winner = store.candidate(result.run_id, number)
        return cls(
            best=_text(winner.program, single),
            score=score.mean,
            seed_score=before.mean,
            feedback="" if winner.evaluation is None else winner.evaluation.feedback,
            number=number,
            improved=improved,
            held_out_seed=_mean(result.holdout_seed),
            held_out=_mean(result.holdout_best),
            difference=paired_difference(result.holdout_best, result.holdout_seed, SCORE, direction),
            confirmed=result.confirmed,
            evaluations=result.evaluations,
            seconds=result.elapsed,
            finished=result.finished,
            reason=result.reason,
            direction=direction,
            run=result.run_id,
            database=store.url if "://" in store.url else str(Path(store.url).resolve()),
            single=single,
        )

    @property
    def candidates(self) -> list[Attempt]:
        """Every candidate in the order of numbers, the seed first, read from the database anew each time."""
        with open_store(self.database, create=False, read_only=True) as store:
            told = sorted(store.tells(self.run), key=lambda row: row.number)
            programs = store.programs(self.run, [row.number for row in told])
            remarks = store.remarks(self.run, [row.number for row in told])
            looks = [look for row in told for look in row.relooks] + list(store.late_relooks(self.run))
        scores = _scores(told, looks)
        texts = {number: _text(program, self.single) for number, program in programs.items()}
        return [_attempt(row, texts[row.number], remarks.get(row.number), scores.get(row.number)) for row in told]

    def __repr__(self) -> str:
        """A few lines that say how it went, with what one should know before believing it."""
        goal = "more" if self.direction is Direction.MAXIMIZE else "less"
        state = "finished" if self.finished else "stopped"
        used = f"{figures.plural(self.evaluations, 'evaluation')} in {figures.seconds(self.seconds)}"
        why = ended(self.reason, self.evaluations)
        lines = [
            f"seed {figures.number(self.seed_score)} → {self._best()}, {goal} is better",
            self._held(),
            f"{used}, {state}: {why}",
            UNSEALED,
            f"run {self.run} in {self.database}; .best is the winner, .candidates is every one",
        ]
        return "\n".join(lines)

    def _best(self) -> str:
        if not self.improved:
            return "nothing better was found"
        if self.confirmed is not None:
            return f"best {confirmed_text(self.confirmed)}"
        return f"best {figures.number(self.score)} on the cases that chose it"

    def _held(self) -> str:
        if self.held_out_seed is None:
            return "held out: nothing was, so the score is optimistic"
        if self.held_out is None:
            return f"held out: seed {figures.number(self.held_out_seed)}, the winner fails"
        text = f"held out: seed {figures.number(self.held_out_seed)} → best {figures.number(self.held_out)}"
        if not self.improved or self.difference is None:
            return text
        interval = self.difference.interval
        if interval is None:
            return f"{text}, one measurement of each: no proof either way"
        span = f"{LEVEL:.0%} interval {figures.signed(interval.low)} to {figures.signed(interval.high)}"
        word = "better" if self.difference.better else "not shown to be better"
        return f"{text}, difference {figures.signed(self.difference.mean)} ({span}): {word}"


def _unimproved(result: Result) -> Result:
    """The same with the seed as the winner: what was simplified to the same score is no find."""
    if result.best_number in (None, SEED_NUMBER):
        return result
    return replace(result, best_number=SEED_NUMBER, best=result.seed, confirmed=None, holdout_best=result.holdout_seed)


def _mean(evaluation: Evaluation | None) -> float | None:
    return None if evaluation is None or evaluation.objective is None else evaluation.objective.mean


def _text(program: Program, single: str | None) -> Text:
    files = program.as_dict()
    return files if single is None else files[single]


def _scores(told: Sequence[TellRow], looks: Sequence[Relook]) -> Mapping[int, float]:
    """The score of every candidate over all its looks in the search; none for one that failed in any."""
    seen = {row.number: [row.objective.mean] for row in told if row.objective is not None}
    for look in looks:
        if look.series is not Series.SEARCH:
            continue
        if look.status is not Status.VALID:
            seen.pop(look.number, None)
        elif look.number in seen:
            seen[look.number] += look.values.values()
    return {number: Estimate.of(values).mean for number, values in seen.items()}


def _attempt(row: TellRow, text: Text, said: Remarks | None, score: float | None) -> Attempt:
    return Attempt(
        number=row.number,
        text=text,
        status=row.status,
        score=score,
        feedback="" if said is None else said.feedback,
        metrics={} if said is None else said.metrics,
        operator=row.origin.operator,
        parents=row.origin.parents,
        idea=row.origin.idea,
    )
