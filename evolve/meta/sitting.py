"""A sitting at a campaign of a database: find or begin it, hold its run, drive it, and run its control campaigns."""

from __future__ import annotations

import asyncio
import hashlib
import json
import platform
import secrets
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from importlib.metadata import version

from evolve.assembly import derived_seed
from evolve.config import Settings
from evolve.domain import Direction
from evolve.errors import NotFound, RunBusy
from evolve.genome.genome import Genome
from evolve.journal import HEARTBEAT_SECONDS
from evolve.meta import purse
from evolve.meta.bench import Bench
from evolve.meta.book import StoreBook
from evolve.meta.campaign import Campaign, ControlPaused, Outcome, Watch, begin
from evolve.meta.entries import ControlMade, ImpMade, Started
from evolve.meta.imp import check_k, measure_imp
from evolve.meta.manifest import suite_digest
from evolve.meta.plan import Done, next_step
from evolve.meta.records import Rule, Suite
from evolve.meta.settings import CampaignSettings
from evolve.meta.state import CampaignState, fold
from evolve.scaffold.base import ModelView
from evolve.store import Holder, NewRun, RunKind, RunRow, RunStatus, Store

OBJECTIVE = "area"
"""What a campaign maximises: the mean area on the search problems."""

MOST_CHILDREN = 10_000
"""Children of a control campaign, which ends when its calls do."""

NO_JUMP = 1e9
"""Robust standard deviations nothing is held for: nobody reviews a control, and held back it would look worse than it
is. Scores beyond a proven bound are held there, too."""

_PAGE = 200

BenchFor = Callable[[RunRow, Holder], AbstractAsyncContextManager[Bench]]
"""Opens the bench of a campaign whose run this process holds."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a person asks for: a campaign over a suite, from a first scaffold.

    `run` are the settings its trials are made from (models, sandbox). `name` is the suite's when empty.
    """

    suite: Suite
    settings: CampaignSettings
    base: Genome
    run: Settings
    models: tuple[ModelView, ...] = ()
    name: str = ""
    campaign: int | None = None
    """The campaign that this one is a control of."""

    @property
    def identity(self) -> str:
        """Equal for orders that are the same campaign: limits, parallel runs and the seed do not count."""
        kept = self.settings.model_dump(mode="json", exclude={"calls", "money", "parallel", "seed"})
        parts = [self.run.identity(), kept, self.base.digest, self.campaign]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def choose_campaign(store: Store, order: Order, *, new: bool = False) -> RunRow:
    """The latest campaign of this order, finished or not, or a new one (in any case with `new`)."""
    if not new and (found := find_campaign(store, order)) is not None:
        return found
    given = order.settings.seed
    run_id = store.create_run(
        NewRun(
            name=order.name or order.suite.name,
            problem=order.suite.name,
            problem_path="",
            problem_digest=suite_digest(order.suite),
            objective=OBJECTIVE,
            direction=Direction.MAXIMIZE,
            seed=secrets.randbelow(2**63) if given is None else given,
            settings=order.run.as_json(),
            settings_digest=order.identity,
            versions={"python": platform.python_version(), "evolve": version("evolve")},
            kind=RunKind.CAMPAIGN,
            campaign=order.campaign,
        )
    )
    return store.run(run_id)


def find_campaign(store: Store, order: Order) -> RunRow | None:
    """The latest campaign of this order; one of another seed is another campaign if the order names its seed."""
    digest, name, offset = suite_digest(order.suite), order.name or order.suite.name, 0
    while page := store.runs(_PAGE, offset, kinds=(RunKind.CAMPAIGN,)):
        for summary in page:
            if summary.name != name:
                continue
            row = store.run(summary.id)
            same_seed = order.settings.seed is None or order.settings.seed == row.seed
            if row.problem_digest == digest and row.settings_digest == order.identity and same_seed:
                return row
        offset += _PAGE
    return None


async def sit(
    store: Store,
    run: RunRow,
    order: Order,
    bench_for: BenchFor,
    watches: Sequence[Watch] = (),
    sitting: Callable[[Campaign], None] | None = None,
    stopping: Callable[[], str] = lambda: "",
) -> Outcome:
    """Go on with a campaign to its end, or until it is stopped; repeated, it goes on where it was.

    `sitting` is given the campaign as soon as there is one to stop; its control campaigns stop with it. `stopping` says
    why to stop, or "". Raises RunBusy when another process is at it, or took it over, and what `Campaign.run` does.
    """
    if (over := _over(store, run)) is not None:
        return over
    async with _held(store, run) as hold, bench_for(run, hold.holder) as bench:
        book = StoreBook(store, run.id)
        settings = order.settings.model_copy(update={"seed": run.seed})
        names = tuple(model.name for model in order.models)
        begin(book, Started(order.suite, settings, order.base.digest, run.seed, bench.digests(), names), order.base)

        async def control(state: CampaignState, name: str, calls: int) -> ControlMade:
            own, beside = _control(store, run, order, state, name, calls)
            outcome = await sit(store, beside, own, bench_for, stopping=lambda: campaign.stopping)
            if not outcome.finished:
                raise ControlPaused(f"control {name} (campaign {beside.id}) is not at its end: {outcome.reason}")
            return made_of(name, beside.id, outcome)

        campaign = Campaign(
            book,
            bench,
            models=order.models,
            run_control=control,
            watches=watches,
            also_stopping=lambda: hold.lost or stopping(),
        )
        if sitting is not None:
            sitting(campaign)
        outcome = await campaign.run()
        hold.ends(RunStatus.FINISHED if outcome.finished else RunStatus.INTERRUPTED, outcome.reason)
        return outcome


def _over(store: Store, run: RunRow) -> Outcome | None:
    """How a campaign of which nothing is left to do ended: its certificate is final, and no bench is opened for it."""
    state = fold(StoreBook(store, run.id).entries())
    if state is None or not isinstance(next_step(state), Done):
        return None
    return Outcome(state, True, state.finished)


@dataclass(slots=True)
class _Hold:
    """A run that this process holds: what becomes of it, and why the hold was `lost`, or ""."""

    holder: Holder
    status: RunStatus = RunStatus.FAILED
    reason: str = "the campaign failed"
    lost: str = ""

    kept: bool = False
    """Whether the run is given back as it was, however this ends."""

    def ends(self, status: RunStatus, reason: str) -> None:
        if not self.kept:
            self.status, self.reason = status, reason


@asynccontextmanager
async def _held(store: Store, run: RunRow, *, kept: bool = False) -> AsyncIterator[_Hold]:
    """Hold a run while at work, with a sign of life every few seconds, and give it back with what became of it.

    With `kept` it is given back with the status it had.
    """
    hold = _Hold(Holder.here(), run.status, run.stop_reason, kept=True) if kept else _Hold(Holder.here())
    store.acquire(run.id, hold.holder)
    beats = asyncio.create_task(_beat(store, run, hold))
    try:
        yield hold
    except (KeyboardInterrupt, asyncio.CancelledError):
        hold.ends(RunStatus.INTERRUPTED, "stopped at once")
        raise
    except BrokenPipeError:
        hold.ends(RunStatus.INTERRUPTED, "stopped at once: nobody read its output any more")
        raise
    except Exception as error:
        hold.ends(RunStatus.FAILED, str(error) or type(error).__name__)
        raise
    finally:
        beats.cancel()
        store.release(run.id, hold.holder, hold.status, hold.reason)
        with suppress(asyncio.CancelledError):
            await beats


async def _beat(store: Store, run: RunRow, hold: _Hold) -> None:
    """Signs of life until cancelled, or until the run is another process's.

    One that fails is no reason to give up a campaign: the next may do, and whoever writes the log hears of a database
    that is out of order.
    """
    started, before = time.monotonic(), run.summary.elapsed
    while not hold.lost:
        await asyncio.sleep(HEARTBEAT_SECONDS)
        try:
            await asyncio.to_thread(store.heartbeat, run.id, hold.holder, before + time.monotonic() - started)
        except RunBusy as error:
            hold.lost = str(error)
        except Exception:
            continue


def _control(
    store: Store, run: RunRow, order: Order, state: CampaignState, name: str, calls: int
) -> tuple[Order, RunRow]:
    """A campaign by another rule from the same scaffold on the same suite, with as many calls; begun or not."""
    settings = state.settings.model_copy(
        update={
            "rule": Rule(name),
            "controls": (),
            "calls": calls,
            "money": purse.money_left(state),
            "children": MOST_CHILDREN,
            "jump": NO_JUMP,
            "seed": derived_seed(state.seed, f"control:{name}"),
        }
    )
    own = replace(order, settings=settings, name=f"{run.summary.name}.{name}", campaign=run.id)
    return own, choose_campaign(store, own)


def made_of(name: str, campaign: int | None, outcome: Outcome) -> ControlMade:
    """What a control campaign came to."""
    state, found = outcome.state, outcome.state.certificate
    number = None if state.chosen is None else state.chosen.number
    return ControlMade(
        name,
        campaign=campaign,
        scaffold=number,
        digest="" if number is None else state.member(number).digest,
        contest=None if found is None else found.contest,
        granted=found is not None and found.granted,
        claimed=0.0 if state.chosen is None else state.chosen.claimed,
        run_calls=state.suite.calls,
        bill=state.bill,
        reason=outcome.reason,
    )


async def sit_imp(
    store: Store, run: RunRow, bench_for: BenchFor, models: Sequence[ModelView], number: int, k: int
) -> ImpMade:
    """Measure imp@k of a scaffold of a campaign (`evolve.meta.imp`); its status stays what it was.

    Raises RunBusy while the campaign is at work, NotFound for a scaffold it does not have, and as `measure_imp`.
    """
    check_k(k)
    book = StoreBook(store, run.id)
    state = fold(book.entries())
    if state is not None and number not in {member.number for member in state.members}:
        raise NotFound(f"campaign {run.id} has no scaffold {number}; evolve meta tree shows those it has")
    async with _held(store, run, kept=True) as hold, bench_for(run, hold.holder) as bench:
        return await measure_imp(book, bench, number, k, models)


def campaign_of(store: Store, run_id: int) -> RunRow:
    """The run of a campaign. Raises NotFound for a run that is none."""
    row = store.run(run_id)
    if row.summary.kind is not RunKind.CAMPAIGN:
        raise NotFound(f"run {run_id} is no campaign; evolve meta list shows those there are")
    return row
