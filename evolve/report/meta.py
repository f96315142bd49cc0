"""A campaign's result for people and as plain data: the verdict first, what it rests on after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from evolve.meta.controls import break_even
from evolve.meta.entries import Bill, ImpMade, to_plain
from evolve.meta.predictions import HitRate, hit_rate
from evolve.meta.records import Certificate, Use
from evolve.report import figures, meta_probes, meta_words
from evolve.report.listing import Column, Listing
from evolve.report.meta_campaign import SHORT, Campaign
from evolve.report.meta_controls import controls_view, longer, pays
from evolve.report.text import one_line, plain

_TEXT = 400


def campaign_json(campaign: Campaign) -> dict[str, Any]:
    """All of a campaign's result as plain data; the numbers are those of its log."""
    state, certificate = campaign.state, campaign.state.certificate
    return {
        "campaign": campaign.run.id,
        "name": campaign.run.summary.name,
        "status": campaign.run.status,
        "reason": campaign.run.stop_reason,
        "verdict": verdict(campaign),
        "granted": certificate is not None and certificate.granted,
        "finished": state.finished,
        "certificate": None if certificate is None else to_plain(certificate),
        "chosen": None if state.chosen is None else to_plain(state.chosen),
        "controls": [to_plain(control) for control in state.controls],
        "break_even": break_even(state),
        "imp": [to_plain(imp) for imp in state.imps],
        "predictions": _predictions(hit_rate(state)),
        "infrastructure": _failures(campaign),
        "scaffolds": len(state.members),
        "scores": {str(number): score for number, score in campaign.scores.items()},
        "refused": dict(Counter(str(refusal.status) for refusal in state.refusals)),
        "held": {str(number): reason for number, reason in state.held.items()},
        "released": {str(number): by for number, by in state.released.items()},
        "quarantined": {str(number): reason for number, reason in state.quarantined.items()},
        "usable": None if state.usable is None else list(state.usable),
        "left_out": dict(state.left_out),
        "spent": {**asdict(state.bill), "by_purpose": {name: asdict(bill) for name, bill in state.bills.items()}},
        "suite": state.suite.name,
        "calls_per_run": state.suite.calls,
        "settings": state.settings.model_dump(mode="json"),
        "base": state.base,
        "seed": state.seed,
        "models": list(state.models),
        "log": {"entries": campaign.entries, "head": campaign.head, "broken": campaign.broken},
        "database": campaign.database,
    }


def verdict(campaign: Campaign) -> str:
    """The result in one sentence."""
    state = campaign.state
    if state.certificate is not None:
        return meta_words.verdict(state.certificate)
    if state.finished:
        return f"No improvement: {one_line(state.finished, _TEXT)}; no certificate was tried."
    made = figures.plural(state.born, "scaffold")
    return f"No verdict yet: {made} of {state.settings.children} made; the same command goes on."


def _predictions(rate: HitRate) -> dict[str, Any]:
    return {"true": rate.hits, "measured": rate.judged, "blind": rate.blind, "unmeasured": rate.unmeasured}


def _failures(campaign: Campaign) -> int:
    return sum(bool(trial.measured.failed) for trial in campaign.state.trials)


def campaign_view(campaign: Campaign) -> Iterator[RenderableType]:
    """The result, then what it rests on, what else the calls would have given, and what all of it cost."""
    state, certificate = campaign.state, campaign.state.certificate
    granted = certificate is not None and certificate.granted
    yield plain(f"campaign {campaign.run.id} · {campaign.name} · suite {one_line(state.suite.name, 60)}", style="bold")
    if campaign.broken:
        yield plain(
            f"the log is not as it was written, so none of this can be relied on: {campaign.broken}", style="red"
        )
    style = "bold green" if granted else "bold yellow" if state.finished or certificate else "bold"
    yield plain(verdict(campaign), style=style)
    facts = _fact_table()
    for name, text in (*_result(campaign), *_course(campaign), *_accounts(campaign)):
        facts.add_row(name, plain(text))
    yield facts
    if certificate is not None:
        yield from _by_problem(certificate)
    yield from controls_view(campaign)


def decision_view(campaign: Campaign, number: int) -> Iterator[RenderableType]:
    """What a person has to know before a scaffold becomes the default, its difference aside."""
    certificate, member = campaign.state.certificate, campaign.state.member(number)
    yield plain(verdict(campaign), style="bold")
    facts = _fact_table()
    facts.add_row("idea", plain(one_line(member.idea, _TEXT) or "–"))
    hit = meta_words.outcome(campaign.hits.get(number))
    facts.add_row("predicted", plain(f"{meta_words.predicted(member.prediction)}: {hit}"))
    if certificate is not None:
        facts.add_row("claim", plain(meta_words.claim(certificate)))
        facts.add_row("probes", plain(meta_probes.sentence(campaign)))
    if member.number in campaign.state.released:
        facts.add_row("released by", plain(campaign.state.released[member.number]))
    yield facts
    if certificate is not None:
        yield from _by_problem(certificate)


def _fact_table() -> Table:
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    return facts


def _result(campaign: Campaign) -> Iterator[tuple[str, str]]:
    """What stands beside the verdict, so that nobody reads it alone."""
    state, certificate = campaign.state, campaign.state.certificate
    if certificate is not None:
        yield "claim", meta_words.claim(certificate)
    if state.chosen is not None:
        gain = meta_words.gain(state.chosen.confirmed)
        who = f"scaffold {state.chosen.number} ({campaign.short(state.chosen.number)})"
        yield "chosen", f"{who}, {gain} on fresh seeds of the search problems"
    if certificate is not None:
        yield "probes", meta_probes.sentence(campaign)
    if sentence := longer(campaign):
        yield "instead", sentence
    if sentence := pays(campaign):
        yield "break-even", sentence


def _course(campaign: Campaign) -> Iterator[tuple[str, str]]:
    """How it went: scaffolds, predictions, what was refused, held or failed."""
    state = campaign.state
    refused = Counter(str(refusal.status) for refusal in state.refusals)
    listed = f" ({', '.join(f'{status} {count}' for status, count in refused.most_common())})" if refused else ""
    yield "scaffolds", f"{state.born} made: {len(state.members) - 1} admitted, {len(state.refusals)} refused{listed}"
    yield from (("held", f"{number}: {one_line(reason, _TEXT)}") for number, reason in state.held.items())
    for number, reason in state.quarantined.items():
        yield "quarantined", f"{number}: {one_line(reason, _TEXT)}"
    yield "predictions", meta_words.hit_rate(hit_rate(state))
    for imp in state.imps:
        yield (
            f"imp@{imp.k}",
            (
                f"scaffold {imp.scaffold}: mean gain {meta_words.gain(imp.mean)}, best {meta_words.gain(imp.best)},"
                f" {len(imp.refused)} refused"
            ),
        )
    failed = _failures(campaign)
    yield "infrastructure", f"{failed} of {figures.plural(len(state.trials), 'run')} failed and counted as no progress"
    for name, reason in state.left_out.items():
        yield "left out", f"{one_line(name, 60)}: {one_line(reason, _TEXT)}"


def imp_sentence(imp: ImpMade) -> str:
    """How good a scaffold is at improving the base, apart from how good it is at improving programs."""
    return (
        f"scaffold {imp.scaffold} made {figures.plural(imp.k, 'edit')} of the base: mean gain"
        f" {meta_words.gain(imp.mean)}, best {meta_words.gain(imp.best)}, {len(imp.refused)} refused"
        f" ({figures.plural(imp.bill.calls, 'call')})"
    )


def _accounts(campaign: Campaign) -> Iterator[tuple[str, str]]:
    """What was spent on what, under which settings."""
    state = campaign.state
    yield "spent", _bill(state.bill)
    yield "for", ", ".join(f"{name} {figures.count(bill.calls)}" for name, bill in state.bills.items()) or "nothing yet"
    uses = ", ".join(f"{len(state.suite.used(use))} {use}" for use in Use)
    yield "suite", f"{uses}; {figures.plural(state.suite.calls, 'call')} a run"
    yield "rule", f"{state.settings.rule}, seed {state.seed}, base {state.base[:SHORT]}"
    if state.models:
        yield "models", one_line(", ".join(state.models), _TEXT)
    yield "log", f"{figures.plural(campaign.entries, 'entry').replace('entrys', 'entries')}, head {campaign.head}"


def _bill(bill: Bill) -> str:
    return f"{figures.plural(bill.calls, 'call')}, {figures.spent(bill.cost, bill.tokens)}"


def _by_problem(certificate: Certificate) -> Iterator[RenderableType]:
    """The differences behind the certificate, and those of the probes."""
    columns = (Column("sealed problem", text=True), Column(f"{certificate.scaffold} less {certificate.base}"))
    yield Listing(columns, [[plain(name), _signed(value)] for name, value in _sorted(certificate.contest.differences)])
    if certificate.probes is not None:
        columns = (Column("probe", text=True), Column(f"{certificate.scaffold} less {certificate.base}"))
        yield Listing(
            columns, [[plain(name), _signed(value)] for name, value in _sorted(certificate.probes.differences)]
        )


def _sorted(differences: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(differences.items())


def _signed(value: float) -> Text:
    return Text(meta_words.gain(value), style="green" if value > 0 else "red" if value < 0 else "")
