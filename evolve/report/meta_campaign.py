"""A campaign as its log tells it, for all views of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evolve.errors import NotFound, SettingsError
from evolve.meta.entries import from_plain
from evolve.meta.parents import fitness
from evolve.meta.predictions import hits
from evolve.meta.records import ZERO, Member, Use
from evolve.meta.sitting import campaign_of
from evolve.meta.state import CampaignState, Refusal, fold
from evolve.report.naming import LAST
from evolve.report.text import one_line
from evolve.store import RunKind, RunRow, RunSummary, Store
from evolve.store.chain import campaign_chain

SHORT = 12
"""Hex digits of a digest or of the log's head that are shown."""
_PAGE = 200


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign's run and what its log comes to.

    `scores` are F by scaffold, of those that were ranked; `hits` says of the predictions that could be checked whether
    they came true, by scaffold; `entries` and `head` are those of the log as it was read, `broken` says what is wrong
    with it ("": nothing).
    """

    run: RunRow
    state: CampaignState
    scores: Mapping[int, float]
    hits: Mapping[int, bool]
    entries: int
    head: str
    database: str
    broken: str = ""

    @classmethod
    def of(cls, store: Store, run: RunRow) -> Campaign:
        """Read it. Raises NotFound for one that was stopped before its first entry, DatabaseError for a damaged log."""
        with store.snapshot() as still:
            verified = still.verify_chain(campaign_chain(run.id))
            entries = still.entries(campaign_chain(run.id))
        state = fold(from_plain(entry.kind, entry.data) for entry in entries)
        if state is None:
            raise NotFound(f"campaign {run.id} has not begun yet; the command it was started with goes on with it")
        names = [problem.name for problem in state.problems(Use.SEARCH)]
        scores = fitness(state.ranking(), names)
        checked = {number: hit for number, hit in hits(state).items() if hit is not None}
        return cls(run, state, scores, checked, len(entries), verified.head, store.url, verified.reason)

    @property
    def name(self) -> str:
        """What people call it: its name, or its number."""
        return one_line(self.run.summary.name, 60) or str(self.run.id)

    def short(self, number: int) -> str:
        """The beginning of a scaffold's digest."""
        return self.state.member(number).digest[:SHORT]

    @property
    def everyone(self) -> tuple[Member | Refusal, ...]:
        """All children and the base, refused ones last."""
        return (*self.state.members, *self.state.refusals)

    def found(self, number: int) -> Member | Refusal:
        """A scaffold of the campaign, or the child that was refused under that number. Raises NotFound."""
        for each in self.everyone:
            if each.number == number:
                return each
        most = max([ZERO, *(each.number for each in self.everyone)])
        raise NotFound(f"campaign {self.name} has no scaffold {number}; they are numbered from 0 to {most}")

    def member(self, number: int) -> Member:
        """A scaffold that was admitted. Raises NotFound for one that was refused or never was."""
        found = self.found(number)
        if isinstance(found, Member):
            return found
        raise NotFound(
            f"scaffold {number} of campaign {self.name} was refused and is no member ({found.status}: "
            f"{one_line(found.reason, 200)})"
        )

    def gain(self, number: int) -> float | None:
        """How much more F a scaffold has than its parent; None where one of them was not ranked."""
        parent = self.state.member(number).parent
        if parent is None or number not in self.scores or parent not in self.scores:
            return None
        return self.scores[number] - self.scores[parent]

    def standing(self, number: int) -> str:
        """What is to be said of a scaffold in a word or two."""
        state, certificate = self.state, self.state.certificate
        if number in state.quarantined:
            return "quarantined"
        if state.member(number).held:
            return "held"
        if certificate is not None and number == certificate.scaffold:
            return "certified" if certificate.granted else "not certified"
        if state.leaders is not None and number in state.leaders:
            return "leader"
        return "base" if state.member(number).parent is None else ""


def find_campaign(store: Store, text: str, *, only: bool = False) -> RunRow:
    """A campaign by number, by name (the latest of that name) or `last`.

    Raises NotFound; with `only`, for what is decided on, SettingsError for a name that several have.
    """
    if text.isascii() and text.isdigit():
        return campaign_of(store, int(text))
    every = campaigns(store)
    named = [summary.id for summary in every if text in (LAST, summary.name)]
    if only and text != LAST and len(named) > 1:
        listed = ", ".join(map(str, named))
        raise SettingsError(f"campaigns {listed} are all called {text!r}: give the number of the one you mean")
    if named:
        return store.run(named[0])
    if not every:
        raise NotFound(f"database {store.url} has no campaign yet; evolve meta run begins one")
    raise NotFound(f"there is no campaign called {text!r} in {store.url}; evolve meta list lists those there are")


def campaigns(store: Store) -> list[RunSummary]:
    """Every campaign a person began, newest first; controls are campaigns of campaigns and not among them."""
    found: list[RunSummary] = []
    offset = 0
    while rows := store.runs(_PAGE, offset, (RunKind.CAMPAIGN,)):
        found += [row for row in rows if row.campaign is None]
        offset += len(rows)
    return found
