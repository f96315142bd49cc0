"""What a campaign's records say, in sentences: numbers come from the records, nothing is computed anew."""

from __future__ import annotations

from evolve.meta.predictions import HitRate
from evolve.meta.records import Certificate, Contest, Measured, Member
from evolve.report import figures
from evolve.report.text import one_line
from evolve.scaffold.base import Prediction

AREA = "mean area under the curve"
"""What scaffolds are compared by (docs/meta.md); 0 is the seed program, 1 the best that is known."""
IDEA = 300


def gain(value: float) -> str:
    """A difference of areas with its sign, to four decimals: `+0.0213`."""
    return f"{value:+.4f}"


def area(value: float | None) -> str:
    """A mean area to four decimals; a dash where nothing was measured."""
    return "–" if value is None else f"{value:.4f}"


def interval(contest: Contest) -> str:
    """`95 % interval +0.0102 to +0.0433`."""
    level = f"{100 * contest.level:.3g} % interval"
    return f"{level} {gain(contest.low)} to {gain(contest.high)}"


def probability(value: float) -> str:
    """A p value: four decimals, or as many digits as a small one needs."""
    return f"{value:.4f}" if value >= 0.001 else f"{value:.1e}"


def tested(contest: Contest, seeds: int) -> str:
    """The numbers of a contest: difference, interval, p, and what they rest on."""
    problems = figures.plural(len(contest.differences), "problem")
    return (
        f"{gain(contest.mean)} in {AREA} ({interval(contest)}; one-sided p = {probability(contest.p)};"
        f" {problems} × {figures.plural(seeds, 'seed')} each side)"
    )


def verdict(certificate: Certificate) -> str:
    """The certificate in one sentence."""
    numbers = tested(certificate.contest, certificate.seeds)
    who = f"scaffold {certificate.scaffold} against scaffold {certificate.base} on sealed problems"
    if certificate.granted:
        return f"Certificate granted: {who}: {numbers}."
    return f"No improvement: {who}: {numbers}. Lacking: {'; '.join(certificate.reasons) or 'a reason'}."


def claim(certificate: Certificate) -> str:
    """What the search itself said of its winner, and what that is worth."""
    return (
        f"{gain(certificate.claimed)} (uncertified: measured on the problems and among the scaffolds it was chosen by)"
    )


def predicted(prediction: Prediction | None) -> str:
    """What an edit was to do: `area up on p1, p2`."""
    if prediction is None:
        return "–"
    on = f" on {', '.join(prediction.problems)}" if prediction.problems else ""
    return one_line(f"{prediction.metric} {prediction.direction}{on}", IDEA)


def outcome(hit: bool | None) -> str:
    """What became of a prediction."""
    return "not measured" if hit is None else "came true" if hit else "did not come true"


def hit_rate(rate: HitRate) -> str:
    """How often predictions came true, beside what guessing gets: `3 of 8 came true (...)`."""
    lost = f"; {rate.unmeasured} not measured, their scaffolds were refused or not ranked" if rate.unmeasured else ""
    if not rate.judged:
        return f"none could be checked{lost}"
    blind = "–" if rate.blind is None else f"{100 * rate.blind:.0f} %"
    return f"{rate.hits} of {rate.judged} came true (the same predictions of other scaffolds: {blind}){lost}"


def made_by(member: Member) -> str:
    """How a scaffold came about: its parent and who wrote the edit."""
    if member.parent is None:
        return "the campaign began with it"
    by = f", by {one_line(member.model, 60)}" if member.model else ", drawn without a model"
    return f"child of {member.parent}{by}"


def failure(measured: Measured) -> str:
    """Why a run counts as no progress; empty when it was measured."""
    return one_line(measured.failed, IDEA)
