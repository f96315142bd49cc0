"""Commands that search: `run` and `resume`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from evolve.cli.flags import ASKED, GIVEN, LIMITS, MANNER, Asked, Given, Limits, Manner, Whole, check_paid, settings_for
from evolve.cli.names import LAST, check_run_name, find_search
from evolve.cli.options import COMMON, Common
from evolve.cli.scaffolds import check_kept_scaffold, check_named_scaffold, with_scaffold
from evolve.errors import ProblemError, SettingsError

if TYPE_CHECKING:
    from evolve.config import Settings
    from evolve.problem import Problem
    from evolve.recording import Recorded
    from evolve.session import Result
    from evolve.store import RunRow, Store

DEFAULT_SECONDS = 60.0
"""How long a run takes when nobody says."""
INTERRUPTED = 130


def run(
    problem: Annotated[Path, Parameter(help="A problem folder (evolve new NAME writes one).")],
    /,
    *,
    limits: Limits = LIMITS,
    asked: Asked = ASKED,
    given: Given = GIVEN,
    scaffold: Annotated[
        str | None,
        Parameter(
            help="The scaffold that proposes: zero, a digest, CAMPAIGN:NUMBER or a folder; when not given, the one that"
            " was approved last (evolve meta approve), or zero."
        ),
    ] = None,
    seed: Annotated[Whole, Parameter(help="Seed of the whole search; drawn when not given.")] = None,
    name: Annotated[str, Parameter(help="Name of a new run; the problem's when not given.")] = "",
    new: Annotated[bool, Parameter(help="Begin a new run even if there is an unfinished one to go on with.")] = False,
    config: Annotated[tuple[Path, ...], Parameter(help="Settings file (TOML); later ones win.")] = (),
    set_: Annotated[
        tuple[str, ...], Parameter(name="--set", help="One setting, such as search.islands=4; wins over files.")
    ] = (),
    manner: Manner = MANNER,
    common: Common = COMMON,
) -> int:
    """Search for a better program on a problem, 60 seconds unless you say otherwise.

    The same command again goes on with an unfinished run. Ctrl-C finishes what is being evaluated and sums up;
    Ctrl-C twice stops at once. Nothing scored is lost either way.
    """
    from evolve.assembly import inputs_of
    from evolve.problem import load_problem
    from evolve.session import choose_run
    from evolve.store import open_store

    settings = bounded(settings_for(config, set_, limits=limits, manner=manner, asked=asked, given=given, seed=seed))
    chosen_name = check_run_name(name) if name else ""
    loaded = load_problem(problem, inputs_of(settings.problem))
    check_asked(loaded, settings)
    check_named_scaffold(scaffold, loaded, settings)
    with open_store(common.db, create=True) as store:
        settings = _recorded(store, loaded, with_scaffold(store, settings, scaffold), limits)
        row = choose_run(store, loaded, settings, name=chosen_name, new=new)
        return sit_at(store, row, loaded, settings, manner, common)


def resume(
    run: Annotated[str, Parameter(help="A run: its number, its name, or last.")] = LAST,
    /,
    *,
    limits: Limits = LIMITS,
    manner: Manner = MANNER,
    common: Common = COMMON,
) -> int:
    """Go on with a run, with its own settings, from the problem folder it was started on.

    Limits count from the beginning of the run: after 60 seconds, --seconds 120 gives it 60 more.
    """
    from evolve.cli.demo import shipped
    from evolve.store import open_store

    with open_store(common.db, create=False) as store:
        row = find_search(store, run)
        _check_folder(row)
        settings = _settings_of(row, limits, manner)
        check_kept_scaffold(store, row, settings)
        _check_budget(store, row, settings, common)
        problem = problem_of(store, row)
        check_asked(problem, settings)
        return sit_at(store, row, problem, settings, manner, common, recorded=shipped(row, settings))


def bounded(settings: Settings) -> Settings:
    """The settings with the default time limit when nothing in them would ever end the run."""
    budget = settings.budget
    if budget.seconds is not None or budget.evaluations is not None or budget.calls is not None:
        return settings
    if budget.money is not None or budget.tokens is not None or settings.llm.source == "replay":
        return settings
    return settings.model_copy(update={"budget": budget.model_copy(update={"seconds": DEFAULT_SECONDS})})


def check_asked(problem: Problem, settings: Settings) -> None:
    """See that models can be asked within the budget, before anything is stored. Raises SettingsError, ModelRefused."""
    if settings.llm.models and settings.llm.source == "live":
        from evolve.models import check_models

        check_models(problem, settings)


def _recorded(store: Store, problem: Problem, settings: Settings, limits: Limits) -> Settings:
    """A replay's settings: those of the recorded run, for as many candidates as it has. Raises SettingsError."""
    if settings.llm.source != "replay":
        return settings
    from evolve.models import as_recorded

    return as_recorded(store, problem, settings, limits.tree())


def _settings_of(row: RunRow, limits: Limits, manner: Manner) -> Settings:
    """A stored run's settings with a new budget and pool width over them."""
    from evolve.config import BudgetSettings, settings_from

    given = limits.tree()
    tree = dict(row.settings)
    for section, values in {"budget": given, **manner.tree()}.items():
        tree[section] = {**row.settings.get(section, {}), **values}
    settings = settings_from(tree)
    check_paid(settings, BudgetSettings(money=given.get("money"), tokens=given.get("tokens")))
    return settings


def _check_budget(store: Store, row: RunRow, settings: Settings, common: Common) -> None:
    """Refuse to go on with a run that has nothing left to spend. Raises SettingsError."""
    from evolve.report.console import program_name
    from evolve.report.exhausted import Used, exhausted
    from evolve.report.runs import evaluations

    calls = sum(store.calls(row.id).values())
    used = Used(evaluations(store.statuses(row.id)), row.summary.elapsed, store.money(row.id), calls=calls)
    spent = exhausted(settings.budget, used)
    if spent:
        what, more = " and its ".join(each.limit for each in spent), " ".join(each.doubled for each in spent)
        if settings.llm.source == "replay":
            raise SettingsError(
                f"run {row.id} has used its {what}, and a replay has no more answers than were recorded"
            )
        command = f"{program_name()} resume {row.id} {more}{db_flag(store, common)}"
        raise SettingsError(f"run {row.id} has used its {what}; give it more in all: {command}")


def problem_of(store: Store, row: RunRow) -> Problem:
    """The problem a run was started on, unchanged since. Raises ProblemError."""
    from evolve.assembly import inputs_of, named_inputs
    from evolve.config import settings_from
    from evolve.problem import load_problem

    _check_folder(row)
    given = settings_from(row.settings).problem
    problem = load_problem(row.problem_path, inputs_of(given, store))
    if problem.digest != row.problem_digest:
        what, flags = named_inputs(row.problem_path, given)
        command = f"evolve run {row.problem_path} {flags}".rstrip()
        raise ProblemError(
            f"{what} changed since run {row.id} began, so its scores could not be compared; restore what it was, or"
            f" start a new run with {command}"
        )
    return problem


def _check_folder(row: RunRow) -> None:
    """Refuse a run that no problem folder scores. Raises ProblemError."""
    from evolve.callable import ORIGIN

    if row.problem_path.startswith(ORIGIN):
        raise ProblemError(
            f"run {row.id} is scored by {row.problem_path}, which only Python can call: an unfinished one goes on with"
            " evolve.optimize(..., resume=True) there"
        )


def db_flag(store: Store, common: Common) -> str:
    """What a command for the same database has to say besides."""
    return f" --db {store.url}" if common.db else ""


def sit_at(
    store: Store,
    row: RunRow,
    problem: Problem,
    settings: Settings,
    manner: Manner,
    common: Common,
    recorded: Recorded | None = None,
) -> int:
    """One sitting at a run, shown while it lasts and summed up at its end; returns the exit code."""
    from evolve.report import console
    from evolve.report.summary import Summary, summary_json, summary_view

    result = watched(store, row, problem, settings, manner, common, recorded)
    if result is None:
        command = f"{console.program_name()} resume {row.id}{db_flag(store, common)}"
        console.remark(f"evolve: interrupted; nothing that was scored is lost; {command} goes on")
        return INTERRUPTED
    summary = Summary.of(store, problem, result, db_flag(store, common))
    if common.json:
        console.show_json(summary_json(summary))
    else:
        console.show(*summary_view(summary, colour=console.has_colours()))
    return 0 if result.finished else INTERRUPTED


def watched(
    store: Store,
    row: RunRow,
    problem: Problem,
    settings: Settings,
    manner: Manner,
    common: Common,
    recorded: Recorded | None = None,
) -> Result | None:
    """One sitting at a run, shown while it lasts; None when it was stopped at once."""
    from evolve.cli.sitting import display_for, sit
    from evolve.report.watch import Scene, Watch
    from evolve.session import Session

    objective = problem.spec.objective
    scene = Scene(
        row.id, problem.name, objective.metric, objective.unit, objective.direction, settings.budget, row.sealed
    )
    watch = Watch(scene, row.summary, store.statuses(row.id), store.best_curve(row.id))
    display = display_for(watch, quiet=manner.quiet, json=common.json)
    weaker = manner.sandbox is not None
    session = Session(store, row, problem, settings, [display.observe], recorded=recorded, weaker=weaker)
    try:
        return sit(session, display)
    except KeyboardInterrupt:
        return None
