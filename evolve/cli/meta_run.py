"""Commands that spend: `meta run` and `meta imp`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from evolve.cli.flags import GIVEN, LIMITS, MANNER, Manner, settings_for
from evolve.cli.meta_begin import check_campaign_name, check_covered, namesake
from evolve.cli.meta_flags import BREEDING, MODELS, Breeding, Models, divided
from evolve.cli.meta_show import CampaignName, ScaffoldNumber
from evolve.cli.options import COMMON, Common
from evolve.errors import SettingsError

if TYPE_CHECKING:
    from evolve.config import Settings
    from evolve.events import Event, Observer
    from evolve.meta.bench import Bench
    from evolve.meta.campaign import Outcome
    from evolve.meta.entries import Entry
    from evolve.meta.records import Suite
    from evolve.meta.sitting import BenchFor, Order
    from evolve.meta.state import CampaignState
    from evolve.report.meta_plan import Plan
    from evolve.store import Holder, RunRow, Store

INTERRUPTED, STUCK = 130, 2
BY_A_PERSON = "interrupted"


def run(
    *,
    suite: Annotated[str, Parameter(help="The problems to breed and certify on: a shipped suite's name, or a file.")],
    base: Annotated[
        str, Parameter(help="The scaffold to begin with: zero, a digest, CAMPAIGN:NUMBER, or a folder.")
    ] = "zero",
    breeding: Breeding = BREEDING,
    asked: Models = MODELS,
    name: Annotated[str, Parameter(help="Name of the campaign; the suite's when not given.")] = "",
    new: Annotated[bool, Parameter(help="Begin another campaign even if there is one of the same order.")] = False,
    config: Annotated[tuple[Path, ...], Parameter(help="Settings file of the runs (TOML); later ones win.")] = (),
    set_: Annotated[
        tuple[str, ...],
        Parameter(name="--set", help="One setting: of the runs, or of the campaign, as in meta.leaders=3."),
    ] = (),
    manner: Manner = MANNER,
    common: Common = COMMON,
) -> int:
    """Breed better scaffolds on a suite of problems and certify one, or say that there is no improvement.

    Says before it begins what it takes at most. The same command goes on where it stopped, and prints the certificate
    of a campaign that is over. Ctrl-C finishes what runs; Ctrl-C twice stops at once; nothing measured is lost.
    """
    from evolve.meta.sitting import choose_campaign
    from evolve.store import open_store

    of_runs, of_campaign = divided(set_)
    asked.check_meant(of_runs)
    settings = settings_for(config, of_runs, limits=LIMITS, manner=manner, asked=asked, given=GIVEN, seed=None)
    chosen_name = check_campaign_name(name) if name else ""
    with open_store(common.db, create=True) as store:
        order = order_of(store, suite, base, breeding, of_campaign, settings, chosen_name)
        plan = _plan(order)
        check_order(order, plan)
        check_covered(store, order, plan, new=new)
        _check_base(base, order)
        row = choose_campaign(store, order, new=new)
        if not manner.quiet:
            _announce(store, row, plan, common)
        return _sit(store, row, order, manner, common)


def order_of(
    store: Store,
    suite: str,
    base: str,
    breeding: Breeding,
    overrides: list[str],
    settings: Settings,
    name: str,
) -> Order:
    """What is asked for. Raises SettingsError, NotFound and ScaffoldError."""
    from evolve.cli.meta_base import named_scaffold
    from evolve.meta.sitting import Order
    from evolve.meta.suites import find_suite
    from evolve.models import model_views

    campaign = breeding.settings(overrides)
    return Order(
        find_suite(suite), campaign, named_scaffold(store, base, "--base"), settings, model_views(settings), name
    )


def _check_base(base: str, order: Order) -> None:
    """See that a scaffold from a folder starts on a problem of the suite. Raises ScaffoldError, SandboxUnavailable."""
    from evolve.cli.meta_base import check_folder
    from evolve.meta.records import Use
    from evolve.problem import Inputs, load_problem

    first = order.suite.used(Use.SEARCH)[0]
    check_folder(base, "--base", load_problem(first.folder, Inputs(first.parameters)), order.run)


def _plan(order: Order) -> Plan:
    """What it takes at most, as far as that is known before problems are calibrated."""
    from evolve.meta.entries import Started
    from evolve.meta.records import Use
    from evolve.meta.state import begun
    from evolve.problem import Inputs, load_problem
    from evolve.report.meta_plan import plan_of, price_of_call

    problems = [load_problem(each.folder, Inputs(each.parameters)) for each in order.suite.used(Use.SEARCH)]
    state = begun(Started(order.suite, order.settings, order.base.digest, 0, {}))
    return plan_of(state, price_of_call(problems, order.run))


def check_order(order: Order, plan: Plan) -> None:
    """Refuse what cannot come to anything, or could cost without end. Raises SettingsError."""
    from evolve.meta.gate import least_problems
    from evolve.meta.records import Use
    from evolve.report.figures import plural

    settings, models = order.settings, order.run.llm.models
    sealed, enough = len(order.suite.used(Use.SEALED)), least_problems(order.settings.alpha)
    if sealed < enough:
        raise SettingsError(
            f"suite {order.suite.name} has {plural(sealed, 'sealed problem')}, and no certificate at alpha ="
            f" {settings.alpha:g} takes fewer than {enough}; add some, or set meta.alpha"
        )
    if order.run.llm.source == "replay":
        raise SettingsError("a campaign cannot be replayed; its log and its trials are kept, see evolve meta show")
    if not models and settings.rule != "random":
        raise SettingsError(
            f"rule {settings.rule} asks a model for edits; name one with --model, or take --rule random"
        )
    if settings.money is not None and plan.price is None:
        raise SettingsError(
            f"the price of a call is unknown, so a budget of ${settings.money:g} cannot be held; limit calls (--calls"
            f" {plan.calls} is all of it), or give input_price and output_price under [[llm.models]]"
        )
    if models and settings.money is None and settings.calls is None:
        raise SettingsError(
            f"say what the campaign may take at most: --budget 20usd, or --calls {plan.calls}, which covers all of it"
        )


def _announce(store: Store, row: RunRow, plan: Plan, common: Common) -> None:
    """Say which campaign it is and what it takes, before it goes on."""
    from evolve.report import console
    from evolve.report.meta_plan import plan_view
    from evolve.store import RunStatus, campaign_chain

    out = console.console(stderr=common.json)
    if row.status is RunStatus.FINISHED:
        out.print(f"campaign {row.id} ({row.summary.name}) is over; --new begins another one", soft_wrap=True)
        return
    goes_on = bool(store.head(campaign_chain(row.id)))
    if not goes_on and (said := namesake(store, row)):
        out.print(said, soft_wrap=True)
    verb = "goes on" if goes_on else "begins"
    out.print(f"campaign {row.id} ({row.summary.name}) {verb}", style="bold", soft_wrap=True)
    for item in plan_view(plan):
        out.print(item)


def _sit(store: Store, row: RunRow, order: Order, manner: Manner, common: Common) -> int:
    """One sitting at a campaign, told line by line and summed up at its end; the exit code."""
    from evolve.report import console
    from evolve.report.meta import campaign_json, campaign_view
    from evolve.report.meta_campaign import Campaign

    try:
        outcome = asyncio.run(_sitting(store, row, order, manner, common))
    except (asyncio.CancelledError, KeyboardInterrupt):
        console.remark("evolve: interrupted; nothing that was measured is lost; the same command goes on")
        return INTERRUPTED
    found = Campaign.of(store, store.run(row.id))
    if common.json:
        console.show_json(campaign_json(found))
    else:
        console.show(*campaign_view(found))
    if outcome.finished:
        return 0
    console.remark(f"evolve: {outcome.reason}; the same command goes on")
    return INTERRUPTED if outcome.reason == BY_A_PERSON else STUCK


async def _sitting(store: Store, row: RunRow, order: Order, manner: Manner, common: Common) -> Outcome:
    """Drive it. The first Ctrl-C stops it gently, the second at once (CancelledError)."""
    from evolve.cli.sitting import stop_signals
    from evolve.events import ModelTrouble, SandboxPrepared
    from evolve.meta.campaign import Campaign
    from evolve.meta.sitting import sit
    from evolve.report import console
    from evolve.report.meta_lines import line

    at_work: list[Campaign] = []
    out = console.console(stderr=common.json)

    def gently() -> None:
        out.print("finishing what runs; Ctrl-C again stops at once", soft_wrap=True)
        for campaign in at_work:
            campaign.stop(BY_A_PERSON)

    def tell(entry: Entry, state: CampaignState) -> None:
        if said := line(entry, state):
            out.print(said, soft_wrap=True)

    def hear(event: Event) -> None:
        if isinstance(event, ModelTrouble | SandboxPrepared):
            out.print(event.sentence, soft_wrap=True, style="dim")

    watches, observers = ((), ()) if manner.quiet else ((tell,), (hear,))
    bench_for = _bench_for(store, order.run, order.suite, order.settings.parallel, observers)
    running = asyncio.ensure_future(sit(store, row, order, bench_for, watches, at_work.append))
    with stop_signals(gently, running.cancel):
        return await running


def _bench_for(
    store: Store, settings: Settings, suite: Suite, parallel: int, observers: Sequence[Observer] = ()
) -> BenchFor:
    """Opens the bench that measures with ordinary runs."""
    from evolve.meta.runs import engine_bench

    def opened(run: RunRow, holder: Holder) -> AbstractAsyncContextManager[Bench]:
        return engine_bench(store, run, holder, settings, suite, parallel=parallel, observers=observers)

    return opened


def imp(
    campaign: CampaignName,
    number: ScaffoldNumber,
    /,
    *,
    k: Annotated[int, Parameter(alias="-k", help="How many children it makes of the campaign's base.")] = 4,
    common: Common = COMMON,
) -> int:
    """Measure the meta skill of a scaffold alone (imp@k): its meta/ makes k children of the campaign's base.

    Asks the models of the campaign, within its limits. What is known already is printed without asking anybody.
    """
    from evolve.config import settings_from
    from evolve.meta.entries import to_plain
    from evolve.meta.sitting import sit_imp
    from evolve.models import model_views
    from evolve.report import console
    from evolve.report.meta import imp_sentence
    from evolve.report.meta_campaign import Campaign, find_campaign
    from evolve.store import open_store

    with open_store(common.db, create=False) as store:
        found = Campaign.of(store, find_campaign(store, campaign))
        found.member(number)
        settings, state = settings_from(found.run.settings), found.state
        bench_for = _bench_for(store, settings, state.suite, state.settings.parallel)
        made = asyncio.run(sit_imp(store, found.run, bench_for, model_views(settings), number, k))
    if common.json:
        console.show_json({**to_plain(made), "mean": made.mean, "best": made.best})
    else:
        console.show(imp_sentence(made))
    return 0
