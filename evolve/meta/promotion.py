"""What only a person does: make a scaffold the default, go back, take one out for good, let a held one go on.

Every action reads the logs it rests on and verifies them. It is refused with a sentence, or it is one entry (or
several, all or none of them) with who did it and why. Of two people who decide at once one is refused: each entry names
the one before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress

from evolve.errors import DatabaseError, NotFound, ScaffoldError
from evolve.genome import folder
from evolve.genome.genome import SHORT
from evolve.meta.entries import Entry, Quarantined, Released, from_plain, kind_of, to_plain
from evolve.meta.records import Certificate, Member
from evolve.meta.standing import APPROVE, CHAIN, QUARANTINE, ROLLBACK, Standing, check_usable, read_standing
from evolve.meta.state import CampaignState, fold
from evolve.store import NewEntry, RunKind, Store, campaign_chain
from evolve.store.chain import CAMPAIGN


def approve(store: Store, digest: str, campaign: int, number: int, by: str) -> str:
    """Make a scaffold the default of a database; its digest.

    `digest` is what the person typed to confirm: the scaffold's, or at least 6 digits of its beginning. Raises
    ScaffoldError unless the campaign's certificate was granted to just this scaffold, and DatabaseError when a log is
    not as it was written.
    """
    _named(by)
    with store.snapshot() as still:
        now = read_standing(still)
        state, head = read_campaign(still, campaign)
        _check_own(still, campaign)
        member = _member(state, campaign, number)
        _check_typed(member, digest)
        certificate = _check_may(now, state, campaign, member)
        still.program_by_digest(member.digest)
        others = other_verdicts(still, campaign)
    data = {
        "digest": member.digest,
        "campaign": campaign,
        "number": number,
        "by": by,
        "log": head,
        "certificate": to_plain(certificate),
        "others": {str(run): granted for run, granted in others.items()},
    }
    store.append_entry(CHAIN, APPROVE, data, after=now.head)
    return member.digest


def check_approvable(store: Store, campaign: int, number: int) -> None:
    """See that a scaffold could be approved, before anybody is asked to. Raises as `approve` does."""
    with store.snapshot() as still:
        state, _ = read_campaign(still, campaign)
        _check_own(still, campaign)
        _check_may(read_standing(still), state, campaign, _member(state, campaign, number))


def other_verdicts(store: Store, campaign: int) -> dict[int, bool]:
    """Whether each other campaign over the same suite had its certificate granted, by run; controls are left out.

    To be shown beside a certificate: of n campaigns that improve nothing, n * alpha are granted one.
    """
    suite = store.run(campaign).problem_digest
    found = {}
    for run in _logged(store):
        row = store.run(run)
        if run == campaign or row.problem_digest != suite or row.summary.campaign is not None:
            continue
        for entry in store.entries(campaign_chain(run)):
            if entry.kind == "certificate":
                found[run] = bool(entry.data["granted"])
    return found


def rollback(store: Store, by: str, reason: str = "") -> str | None:
    """Go back to the default before; its digest, None for scaffold zero. Raises ScaffoldError when there is none."""
    _named(by)
    now = read_standing(store)
    if now.default is None:
        raise ScaffoldError("there is nothing to go back to: the default is scaffold zero, which ships with evolve")
    store.append_entry(CHAIN, ROLLBACK, {"by": by, "reason": reason}, after=now.head)
    return now.approved[-2] if len(now.approved) > 1 else None


def quarantine(store: Store, campaign: int, number: int, by: str, reason: str) -> tuple[str, ...]:
    """Take a scaffold and all its descendants out for good, in every campaign of the database; their digests.

    If one of them is the default, the last one before it that is not among them becomes it. Raises ScaffoldError for
    scaffold zero, and RunBusy while a campaign that has one of them is at work.
    """
    _named(by)
    if not reason.strip():
        raise ScaffoldError("say why: the reason is all that people will know of a scaffold in quarantine")
    with store.snapshot() as still:
        now = read_standing(still)
        every = {campaign: read_campaign(still, campaign), **_others(still, campaign)}
    first = _member(every[campaign][0], campaign, number)
    shipped = folder.zero().digest
    if first.digest == shipped:
        raise ScaffoldError(f"scaffold {number} of campaign {campaign} is scaffold zero, which ships with evolve")
    numbers = _spread({run: state.members for run, (state, _) in every.items()}, first.digest, shipped)
    digests = {every[run][0].member(each).digest for run, found in numbers.items() for each in found} - {shipped}
    data = {
        "digest": first.digest,
        "campaign": campaign,
        "number": number,
        "digests": sorted(digests),
        "reason": reason,
        "by": by,
    }
    entries = [NewEntry(CHAIN, QUARANTINE, data, now.head)]
    for run, found in numbers.items():
        state, head = every[run]
        if fresh := tuple(each for each in found if each not in state.quarantined):
            entries.append(_of_campaign(run, Quarantined(fresh, reason, by), head))
    store.append_entries(entries, unheld=True)
    return tuple(sorted(digests))


def release(store: Store, campaign: int, number: int, by: str) -> None:
    """Let a scaffold that was held for review go on. Raises ScaffoldError when it is not held, or the search is over,
    and RunBusy while the campaign is at work.
    """
    _named(by)
    with store.snapshot() as still:
        state, head = read_campaign(still, campaign)
        check_usable(read_standing(still), _member(state, campaign, number).digest)
    if number not in state.held:
        held = ", ".join(map(str, sorted(state.held))) or "none"
        raise ScaffoldError(f"scaffold {number} of campaign {campaign} is not held for review; those that are: {held}")
    if state.finished:
        raise ScaffoldError(f"the search of campaign {campaign} is over, so that a release would change nothing")
    store.append_entries([_of_campaign(campaign, Released(number, by), head)], unheld=True)


def descendants(members: Iterable[Member], number: int) -> tuple[int, ...]:
    """A scaffold's number and those of all that come from it, in order."""
    found = {number}
    for member in sorted(members, key=lambda each: each.number):  # a child's number is above its parent's
        if member.parent in found:
            found.add(member.number)
    return tuple(sorted(found))


def read_campaign(store: Store, campaign: int) -> tuple[CampaignState, str]:
    """The state of a campaign by its verified log, and the head of that. Raises NotFound and DatabaseError."""
    run = store.run(campaign)
    if run.summary.kind is not RunKind.CAMPAIGN:
        raise NotFound(f"run {campaign} is no campaign; evolve meta list shows those there are")
    verified = store.verify_chain(campaign_chain(campaign))
    if not verified.ok:
        raise DatabaseError(
            f"the log of campaign {campaign} is not as it was written: {verified.reason}; nothing can rest on it"
        )
    state = fold(from_plain(entry.kind, entry.data) for entry in store.entries(campaign_chain(campaign)))
    if state is None:
        raise NotFound(f"campaign {campaign} has no scaffold yet")
    return state, verified.head


def _named(by: str) -> None:
    if not by.strip():
        raise ScaffoldError("say who decides: the log names a person for every decision")


def _member(state: CampaignState, campaign: int, number: int) -> Member:
    try:
        return state.member(number)
    except KeyError:
        there = ", ".join(str(member.number) for member in state.members)
        raise NotFound(f"campaign {campaign} has no scaffold {number}; those it has: {there}") from None


def _check_own(store: Store, campaign: int) -> None:
    """Controls are further tests on the same sealed problems; to approve the luckiest is to test until one passes."""
    if (of := store.run(campaign).summary.campaign) is not None:
        raise ScaffoldError(
            f"campaign {campaign} is a control of campaign {of}: it is there to be compared with, and nothing of it is "
            "approved; a campaign of its own by that rule can be"
        )


def _check_typed(member: Member, typed: str) -> None:
    if len(typed) < 6 or not member.digest.startswith(typed):
        raise ScaffoldError(
            f"{typed!r} is not the scaffold that was named: number {member.number} is {member.digest[:SHORT]}"
        )


def _check_may(now: Standing, state: CampaignState, campaign: int, member: Member) -> Certificate:
    """The certificate that a scaffold may be approved by. Raises ScaffoldError."""
    check_usable(now, member.digest)
    certificate = _granted(state, campaign, member)
    if now.default == member.digest:
        raise ScaffoldError(f"scaffold {member.digest[:SHORT]} is the default already")
    return certificate


def _granted(state: CampaignState, campaign: int, member: Member) -> Certificate:
    """The certificate of just this scaffold. Raises ScaffoldError that says what is lacking."""
    certificate, named = state.certificate, f"scaffold {member.number} of campaign {campaign}"
    if certificate is None:
        ever = f"got no certificate and will get none: {state.finished}" if state.finished else "has no certificate yet"
        raise ScaffoldError(f"{named} cannot be approved: the campaign {ever}")
    if certificate.scaffold != member.number:
        raise ScaffoldError(f"{named} cannot be approved: the certificate is of scaffold {certificate.scaffold}")
    if not certificate.granted:
        lacking = "; ".join(certificate.reasons) or "it was not granted"
        raise ScaffoldError(f"{named} cannot be approved, it is not shown to be better: {lacking}")
    if state.barred(member.number):
        raise ScaffoldError(f"{named} cannot be approved: it is held for review or in quarantine")
    return certificate


def _others(store: Store, campaign: int) -> dict[int, tuple[CampaignState, str]]:
    """All other campaigns, but those whose logs are damaged: no scaffold of theirs can be approved in any case."""
    found = {}
    for run in _logged(store):
        if run != campaign:
            with suppress(DatabaseError, NotFound):
                found[run] = read_campaign(store, run)
    return found


def _logged(store: Store) -> list[int]:
    """The runs of all campaigns that have a log."""
    names = (row.chain.removeprefix(CAMPAIGN) for row in store.chains() if row.chain.startswith(CAMPAIGN))
    return sorted(int(name) for name in names if name.isascii() and name.isdigit())


def _spread(members: Mapping[int, tuple[Member, ...]], digest: str, spared: str) -> dict[int, tuple[int, ...]]:
    """By campaign, the numbers of all that have a digest or descend from one that has, whichever campaign made it.

    A campaign that began with a scaffold of another one carries its descendants on; `spared` carries nothing.
    """
    digests: set[str] = set()
    more = {digest}
    found: dict[int, set[int]] = {run: set() for run in members}
    while more:
        digests |= more
        for run, those in members.items():
            for member in those:
                if member.digest in more:
                    found[run].update(descendants(those, member.number))
        spread = {member.digest for run, those in members.items() for member in those if member.number in found[run]}
        more = spread - digests - {spared}
    return {run: tuple(sorted(numbers)) for run, numbers in found.items() if numbers}


def _of_campaign(run: int, entry: Entry, after: str) -> NewEntry:
    return NewEntry(campaign_chain(run), kind_of(entry), to_plain(entry), after)
