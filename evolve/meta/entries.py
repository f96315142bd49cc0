"""What the log of a campaign is made of: one frozen record per kind of entry, to plain data and back.

Besides the kinds here, `scaffold` is a `Member`, `trial` a `Trial` and `certificate` a `Certificate` of
`evolve.meta.records`. Entries hold no times: the chain has them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from evolve.domain import Status
from evolve.errors import DatabaseError
from evolve.meta.records import Certificate, Contest, Member, Suite, Trial
from evolve.meta.settings import CampaignSettings
from evolve.scaffold.base import Prediction


@dataclass(frozen=True, slots=True)
class Bill:
    """What something took: model calls, tokens, and US dollars (None: nobody knows)."""

    calls: int = 0
    tokens: int = 0
    cost: float | None = 0.0

    def __add__(self, other: Bill) -> Bill:
        """Both together; unknown when either is."""
        cost = None if self.cost is None or other.cost is None else math.fsum((self.cost, other.cost))
        return Bill(self.calls + other.calls, self.tokens + other.tokens, cost)


@dataclass(frozen=True, slots=True)
class Started:
    """The first entry: everything a campaign is a function of, besides what is measured.

    `base` is the digest of the first scaffold, `digests` the manifest of all that decides what is measured.
    """

    suite: Suite
    settings: CampaignSettings
    base: str
    seed: int
    digests: Mapping[str, str]
    models: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rebudgeted:
    """A later sitting was given other limits; nothing else of the settings may change."""

    calls: int | None
    money: float | None


@dataclass(frozen=True, slots=True)
class EditMade:
    """A scaffold was asked for a better one. `digest` is the child's, "" where `status` names why there is none."""

    number: int
    parent: int
    digest: str
    idea: str
    model: str
    prediction: Prediction | None
    status: Status
    reason: str = ""
    bill: Bill = Bill()


@dataclass(frozen=True, slots=True)
class LifeTested:
    """A child was tried for life: it ran, and edited itself. `status` is valid, or says what it cannot."""

    number: int
    status: Status
    reason: str = ""
    bill: Bill = Bill()


@dataclass(frozen=True, slots=True)
class Calibrated:
    """Which problems have room for the first scaffold, and why the others (by name) are left out."""

    usable: tuple[str, ...]
    left_out: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Held:
    """A scaffold's score looks too good to be true: no parent and no leader until a person releases it."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Released:
    """A person looked at a held scaffold and let it go on."""

    number: int
    by: str


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A person took a scaffold out, with all its descendants (`numbers` are all of them)."""

    numbers: tuple[int, ...]
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Led:
    """The scaffolds that are measured again with the first one; best first."""

    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The one scaffold that goes to the certificate, and what the search claims of it.

    `claimed` is its gain over the first scaffold by the ranking that selected it, `confirmed` by fresh seeds; both are
    differences of mean areas on search problems.
    """

    number: int
    claimed: float
    confirmed: float


@dataclass(frozen=True, slots=True)
class Reserved:
    """A control campaign or an imp@k is begun: `calls`, the most it takes, are put aside until it is on record."""

    purpose: str
    calls: int


@dataclass(frozen=True, slots=True)
class ControlMade:
    """What a control came to. `campaign` is its own run, where it is a campaign; `reason` says why it was not run.

    `contest` compares its winner (`scaffold`) with the first scaffold on the sealed problems as a certificate does.
    `finals` are means over the sealed problems of the last value of the curve, by name: of `longer` they are `first`
    (after `calls` of the suite), `longer` (after as many more as its share of the campaign's) and `winner`; `failed`
    names the problems that are in none of them, for there the machinery failed in the longer run.
    """

    name: str
    campaign: int | None = None
    scaffold: int | None = None
    digest: str = ""
    contest: Contest | None = None
    granted: bool = False
    claimed: float = 0.0
    finals: Mapping[str, float] = field(default_factory=dict)
    run_calls: int = 0
    bill: Bill = Bill()
    reason: str = ""
    failed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImpMade:
    """imp@k: a scaffold's `meta/` made `k` children of a fixed base; `gains` are those of the children that live.

    A gain is the child's mean area minus the base's on the same problems and seeds; a refused child gains nothing.
    """

    scaffold: int
    base: str
    k: int
    gains: tuple[float, ...]
    refused: tuple[str, ...] = ()
    bill: Bill = Bill()

    @property
    def purpose(self) -> str:
        """What calls are put aside for while it is made."""
        return imp_purpose(self.scaffold, self.k)

    @property
    def mean(self) -> float:
        """The mean gain of all k children, refused ones as 0."""
        return math.fsum(self.gains) / self.k

    @property
    def best(self) -> float:
        """The best gain of a child, 0 when none is better than the base."""
        return max((0.0, *self.gains))


def imp_purpose(scaffold: int, k: int) -> str:
    """The purpose of what is put aside for imp@k of a scaffold."""
    return f"imp@{k} of scaffold {scaffold}"


@dataclass(frozen=True, slots=True)
class Finished:
    """The search and its verdict are over; `reason` says so in a sentence. Only controls follow."""

    reason: str


Entry = (
    Started
    | Rebudgeted
    | Member
    | EditMade
    | LifeTested
    | Trial
    | Calibrated
    | Held
    | Released
    | Quarantined
    | Led
    | Chosen
    | Certificate
    | Reserved
    | ControlMade
    | ImpMade
    | Finished
)
"""One step of a campaign that is on record."""

KINDS: Mapping[str, type[Entry]] = {
    "started": Started,
    "budget": Rebudgeted,
    "scaffold": Member,
    "edited": EditMade,
    "alive": LifeTested,
    "trial": Trial,
    "calibrated": Calibrated,
    "held": Held,
    "released": Released,
    "quarantined": Quarantined,
    "leaders": Led,
    "chosen": Chosen,
    "certificate": Certificate,
    "reserved": Reserved,
    "control": ControlMade,
    "imp": ImpMade,
    "finished": Finished,
}
"""The name of each kind in the log."""

_NAMES = {kind: name for name, kind in KINDS.items()}


def kind_of(entry: Entry) -> str:
    """The name of an entry's kind."""
    return _NAMES[type(entry)]


def to_plain(entry: Entry) -> dict[str, Any]:
    """An entry as plain JSON data."""
    plain: dict[str, Any] = _adapter(kind_of(entry)).dump_python(entry, mode="json")
    return plain


def from_plain(kind: str, data: Mapping[str, Any]) -> Entry:
    """The entry of plain data. Raises DatabaseError for a kind or data that no campaign writes."""
    if kind not in KINDS:
        raise DatabaseError(f"the campaign's log has an entry of kind {kind!r}, which this version does not know")
    try:
        entry: Entry = _adapter(kind).validate_python(data)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"]) or "its data"
        raise DatabaseError(
            f"an entry of kind {kind!r} of the campaign's log is damaged at {where}: {error.errors()[0]['msg']}; "
            "`evolve meta verify` says which entry was changed"
        ) from None
    return entry


@cache
def _adapter(kind: str) -> TypeAdapter[Any]:
    return TypeAdapter(KINDS[kind])
