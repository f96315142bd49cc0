"""Whether the best of a run is better than the seed, as far as held-out cases can say; one sentence."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from evolve.domain import SEED_NUMBER, Direction, Evaluation
from evolve.report import figures
from evolve.report.interval import case_means
from evolve.report.sealing import WORD
from evolve.statistics import ALPHA, Outcome, sign_flip_test
from evolve.store import RunRow, RunStatus

ENOUGH = 6
"""Differing cases from which a sign-flip test can show anything: 2 / 2^6 is the first floor of p below `ALPHA`."""


ROUNDING = 1e-12
"""Scores closer than this, relative to their size, are the same: floats that were added up in another order."""


_REAL = "real"


class Finding(StrEnum):
    """What held-out cases say of the best against the seed."""

    BETTER = "better"
    WORSE = "worse"
    NOISE = "noise"
    """The difference is no larger than luck explains."""
    EQUAL = "equal"
    TOO_FEW = "too few"
    """Whatever the scores, so few cases could not have shown a difference."""
    FAILED = "failed"
    """One of the two fails on a held-out case."""
    NOTHING = "nothing"
    """There is no best besides the seed."""
    UNTESTED = "untested"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A finding in a sentence. `p` is two-sided, from the sign-flip test over paired differences of `cases` cases.

    `differing` is on how many of them the two score differently; `p` is None where nothing was tested. `exact` says
    that all patterns of signs were gone through; beyond `evolve.statistics.EXACT_LIMIT` of them, 20 differing cases,
    some are drawn. `of` is how many there were, or were drawn.
    """

    finding: Finding
    sentence: str
    p: float | None = None
    cases: int = 0
    differing: int = 0
    exact: bool = True
    of: int = 0


def verdict_of(run: RunRow, metric: str, seed: Evaluation | None, best: Evaluation | None) -> Verdict:
    """The verdict on a run from what its seed and its best got on held-out cases, if they were measured."""
    summary = run.summary
    ongoing = run.status is RunStatus.RUNNING
    if summary.best_number is None:
        ended = "nothing valid was found" if summary.told else "nothing was scored"
        return Verdict(Finding.NOTHING, "nothing valid yet" if ongoing else ended)
    if summary.best_number == SEED_NUMBER:
        return Verdict(Finding.NOTHING, f"nothing better than the seed {'yet' if ongoing else 'was found'}")
    if seed is None or best is None:
        return _unmeasured(run, seed)
    if seed.objective is None or best.objective is None:
        return Verdict(Finding.FAILED, _failed(seed, best))
    verdict = judge(case_means(best, metric), case_means(seed, metric), summary.direction)
    return verdict if run.sealed or verdict.p is None else _labelled(verdict)


def _labelled(verdict: Verdict) -> Verdict:
    """The same of a run whose programs can forge their scores, on held-out cases, too."""
    doubt = f"{WORD}, so {_REAL} only if not forged: "
    if verdict.finding is Finding.BETTER:
        return replace(verdict, sentence=doubt + verdict.sentence.removeprefix(f"{_REAL}: "))
    return replace(verdict, sentence=f"{WORD}: {verdict.sentence}")


def _unmeasured(run: RunRow, seed: Evaluation | None) -> Verdict:
    if run.status is RunStatus.RUNNING:
        return Verdict(Finding.PENDING, "not measured yet: held-out cases are measured when the run ends")
    if run.status is RunStatus.FINISHED and seed is None:
        return Verdict(Finding.UNTESTED, "not tested: this problem has no held-out cases")
    ended = "failed" if run.status is RunStatus.FAILED else "was interrupted"
    return Verdict(
        Finding.PENDING, f"not measured: the run {ended} before its held-out cases were; evolve resume {run.id} goes on"
    )


def _failed(seed: Evaluation, best: Evaluation) -> str:
    if best.objective is None:
        return f"does not hold: the best of the search fails on held-out cases ({_shown(best)})"
    return f"cannot be compared: the seed fails on held-out cases ({_shown(seed)}), and the best of the search does not"


def _shown(evaluation: Evaluation) -> str:
    return evaluation.status.replace("_", " ")


def judge(best: Mapping[int, float], seed: Mapping[int, float], direction: Direction) -> Verdict:
    """The verdict on two programs by their scores case by case.

    Tested is the mean of the paired differences, by Fisher's sign-flip test: were the two equally good, each difference
    was as likely to have the other sign. Cases on which they score the same say nothing. The test is exact for up to 20
    that differ; with more, the sentence says how many patterns of signs were drawn.
    """
    if not best or best.keys() != seed.keys():
        return Verdict(Finding.UNTESTED, "not tested: seed and best were measured on different held-out cases")
    differences = [_difference(best[case], seed[case]) for case in sorted(best)]
    differing = sum(difference != 0 for difference in differences)
    n, total = len(differences), _rounded(differences) * direction.sign
    if not differing:
        where = "the one held-out case" if n == 1 else f"each of {n} held-out cases"
        return Verdict(Finding.EQUAL, f"no difference: the best scores exactly as the seed on {where}", 1.0, n, 0)
    outcome = sign_flip_test(differences)
    finding, sentence = _found(outcome, total, n, differing)
    return Verdict(finding, sentence, outcome.p, n, differing, outcome.exact, outcome.of)


def _found(outcome: Outcome, total: float, n: int, differing: int) -> tuple[Finding, str]:
    """What a test says of differences with this sum, which is above 0 where the best is better."""
    p = outcome.p
    sign = "better than" if total > 0 else "worse than" if total < 0 else "as good as"
    if differing < ENOUGH:
        return Finding.TOO_FEW, _too_few(sign, p, n, differing)
    drawn = "" if outcome.exact else f" ({figures.count(outcome.of)} draws)"
    tested = f"{p_text(p)}{drawn}, n = {figures.plural(n, 'case')}"
    if p > ALPHA:
        luck = ", but by no more than luck explains" if total else ""
        return Finding.NOISE, f"within noise: {sign} the seed on held-out cases{luck}, {tested}"
    if total > 0:
        return Finding.BETTER, f"{_REAL}: better than the seed on held-out cases, {tested}"
    return Finding.WORSE, f"worse than the seed on held-out cases, {tested}"


def _difference(best: float, seed: float) -> float:
    return 0.0 if math.isclose(best, seed, rel_tol=ROUNDING) else best - seed


def _rounded(differences: Sequence[float]) -> float:
    """Their sum, or 0 where that is nothing but rounding."""
    total = math.fsum(differences)
    return total if abs(total) > ROUNDING * math.fsum(map(abs, differences)) else 0.0


def _too_few(sign: str, p: float, n: int, differing: int) -> str:
    if n == 1:
        return f"too few cases to tell: {sign} the seed on the one held-out case; it takes {ENOUGH} to tell from luck"
    if n < ENOUGH:
        found = f"{sign} the seed on {n} held-out cases, {p_text(p)}"
        return f"too few cases to tell: {found}; it takes {ENOUGH} to tell from luck"
    return (
        f"too few cases differ: {sign} the seed, but on {differing} of {n} held-out cases only, {p_text(p)};"
        f" it takes {ENOUGH} to tell from luck"
    )


def p_text(p: float) -> str:
    """`p = 0.2`, `p = 0.012`, `p < 0.001`."""
    return f"p = {p:.2g}" if p >= 0.001 else "p < 0.001"


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """A verdict as plain data."""
    return {
        "finding": verdict.finding.value,
        "sentence": verdict.sentence,
        "p": verdict.p,
        "cases": verdict.cases,
        "differing": verdict.differing,
        "exact": verdict.exact,
        "of": verdict.of,
    }
