"""The campaigns of a database, and which scaffold its runs use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import RenderableType

from evolve.errors import NotFound
from evolve.genome.genome import SHORT
from evolve.meta.standing import Decision, Standing, read_standing
from evolve.report import figures
from evolve.report.listing import Column, Listing
from evolve.report.meta_campaign import Campaign, campaigns
from evolve.report.meta_words import gain, probability
from evolve.report.text import one_line, plain
from evolve.store import RunSummary, Store


@dataclass(frozen=True, slots=True)
class Row:
    """A campaign of a list; `campaign` is None for one that was stopped before it began."""

    run: RunSummary
    campaign: Campaign | None


@dataclass(frozen=True, slots=True)
class Listed:
    """Every campaign, newest first, and what people decided."""

    rows: Sequence[Row]
    standing: Standing
    database: str

    @classmethod
    def of(cls, store: Store) -> Listed:
        """Read them."""
        return cls(
            [Row(summary, _campaign(store, summary)) for summary in campaigns(store)], read_standing(store), store.url
        )


def _campaign(store: Store, summary: RunSummary) -> Campaign | None:
    try:
        return Campaign.of(store, store.run(summary.id))
    except NotFound:
        return None


def list_json(listed: Listed) -> dict[str, Any]:
    """As plain data."""
    standing = listed.standing
    return {
        "campaigns": [_row_json(row) for row in listed.rows],
        "default": standing.default,
        "quarantined": dict(standing.quarantined),
        "history": [_decision_json(decision) for decision in standing.history],
        "database": listed.database,
    }


def _decision_json(decision: Decision) -> dict[str, Any]:
    return {
        "kind": decision.kind,
        "at": decision.at.isoformat(),
        "by": decision.by,
        "digest": decision.digest,
        "default": decision.default,
        "campaign": decision.campaign,
        "number": decision.number,
        "reason": decision.reason,
    }


def _row_json(row: Row) -> dict[str, Any]:
    common = {"campaign": row.run.id, "name": row.run.name, "status": row.run.status}
    if row.campaign is None:
        return {**common, "verdict": None, "created": row.run.created.isoformat()}
    state = row.campaign.state
    return {
        **common,
        "suite": state.suite.name,
        "scaffolds": len(state.members),
        "calls": state.bill.calls,
        "verdict": _verdict(row.campaign),
        "created": row.run.created.isoformat(),
    }


def _verdict(campaign: Campaign) -> str:
    certificate = campaign.state.certificate
    if certificate is None:
        return "no improvement" if campaign.state.finished else ""
    return "certified" if certificate.granted else "no improvement"


def list_view(listed: Listed) -> Iterator[RenderableType]:
    """The same for people."""
    if not listed.rows:
        yield f"no campaigns yet in {listed.database}; begin one with evolve meta run"
    else:
        columns = (
            Column("campaign"),
            Column("name", text=True),
            Column("status", text=True),
            Column("suite", text=True),
            Column("scaffolds"),
            Column("calls", optional=True),
            Column("verdict", text=True),
            Column("gain"),
            Column("p"),
            Column("created (UTC)", optional=True, rank=1),
        )
        yield Listing(columns, [_cells(row) for row in listed.rows])
    default = listed.standing.default
    yield plain(f"runs of this database use scaffold {default[:SHORT] if default else 'zero'} when none is named")
    for decision in listed.standing.history:
        yield plain(_decided(decision), style="dim")


def _cells(row: Row) -> list[RenderableType]:
    run, campaign = row.run, row.campaign
    created = f"{run.created:%Y-%m-%d %H:%M}"
    if campaign is None:
        return [str(run.id), plain(one_line(run.name, 60)), str(run.status), "", "0", "0", "", "–", "–", created]
    certificate = campaign.state.certificate
    return [
        str(run.id),
        plain(one_line(run.name, 60)),
        str(run.status),
        plain(one_line(campaign.state.suite.name, 60)),
        str(len(campaign.state.members)),
        figures.count(campaign.state.bill.calls),
        _verdict(campaign),
        "–" if certificate is None else gain(certificate.contest.mean),
        "–" if certificate is None else probability(certificate.contest.p),
        created,
    ]


def _decided(decision: Decision) -> str:
    about = "scaffold zero" if decision.digest is None else f"scaffold {decision.digest[:SHORT]}"
    place = "" if decision.campaign is None else f" ({decision.campaign}:{decision.number})"
    because = f": {one_line(decision.reason, 200)}" if decision.reason else ""
    return f"{decision.at:%Y-%m-%d %H:%M} {decision.kind} {about}{place} by {one_line(decision.by, 60)}{because}"
