"""Commands that search: `run` and `resume`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from evolve.cli.amounts import parse_budget
from evolve.cli.names import LAST, check_run_name, find_run
from evolve.cli.options import COMMON, Common
from evolve.errors import ProblemError, SettingsError

if TYPE_CHECKING:
    from evolve.config import BudgetSettings, Settings
    from evolve.problem import Problem
    from evolve.recording import Recorded
    from evolve.store import RunRow, Store

DEFAULT_SECONDS = 60.0
"""How long a run takes when nobody says."""
INTERRUPTED = 130


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Limits:
    """When to stop, earlier sittings at the same run included; whichever comes first."""

    seconds: Annotated[float | None, Parameter(help="Stop after so many seconds of work.")] = None
    evaluations: Annotated[int | None, Parameter(help="Stop after so many evaluations.")] = None
    budget: Annotated[
        tuple[str, ...],
        Parameter(help="Stop after 2usd, 500ktokens, 500evals, 90s, 10min or 1.5h; may be given for each."),
    ] = ()
    target: Annotated[float | None, Parameter(help="Stop when the objective is this good.")] = None

    def tree(self) -> dict[str, Any]:
        """As settings. Raises SettingsError when one limit is given twice, or is no amount."""
        limits: dict[str, Any] = {"seconds": self.seconds, "evaluations": self.evaluations, "target": self.target}
        for text in self.budget:
            name, value = parse_budget(text)
            if limits.get(name) is not None:
                raise SettingsError(f"--budget {text!r} sets the limit on {name} a second time; give it once")
            limits[name] = value
        return {name: value for name, value in limits.items() if value is not None}


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Manner:
    """How a sitting is held and shown."""

    workers: Annotated[int | None, Parameter(help="Evaluations at once; as many as there are processors.")] = None
    quiet: Annotated[bool, Parameter(help="Show no progress, only the summary.")] = False

    def tree(self) -> dict[str, int]:
        """As settings."""
        return {} if self.workers is None else {"evaluations": self.workers}


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Asked:
    """Who proposes, and from what."""

    model: Annotated[
        tuple[str, ...],
        Parameter(
            help="A model to ask, by litellm's name such as openai/gpt-x or ollama/qwen3-coder; may be repeated."
        ),
    ] = ()
    api_base: Annotated[
        str | None,
        Parameter(help="Address of an OpenAI-compatible server, such as http://127.0.0.1:8000/v1; no key needed."),
    ] = None
    builtin: Annotated[
        float | None, Parameter(help="Share of proposals the built-in proposer makes beside models.")
    ] = None
    strategy: Annotated[str | None, Parameter(help="evolve, or a baseline: best-of-n, sequential or random.")] = None
    llm: Annotated[str | None, Parameter(help="live, or replay to answer from a recorded run without any network.")] = (
        None
    )
    recording: Annotated[int | None, Parameter(help="The recorded run to replay; the latest one of this problem.")] = (
        None
    )

    def tree(self) -> dict[str, Any]:
        """As settings, nested."""
        models = [{"name": name, "api_base": self.api_base} for name in self.model] or None
        llm = {"models": models, "source": self.llm, "recording": self.recording}
        sections: dict[str, dict[str, Any]] = {
            "scaffold": {"builtin": self.builtin},
            "search": {"strategy": self.strategy},
            "llm": llm,
        }
        return {
            name: kept
            for name, section in sections.items()
            if (kept := {key: value for key, value in section.items() if value is not None})
        }


LIMITS, MANNER, ASKED = Limits(), Manner(), Asked()


def run(
    problem: Annotated[Path, Parameter(help="A problem folder (evolve new NAME writes one).")],
    /,
    *,
    limits: Limits = LIMITS,
    asked: Asked = ASKED,
    seed: Annotated[int | None, Parameter(help="Seed of the whole search; drawn when not given.")] = None,
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
    from evolve.config import load_settings
    from evolve.problem import load_problem
    from evolve.session import choose_run
    from evolve.store import open_store

    flags = {"seed": seed, "budget": limits.tree(), "workers": manner.tree(), **asked.tree()}
    settings = _bounded(load_settings(config, set_, **flags))
    chosen_name = check_run_name(name) if name else ""
    loaded = load_problem(problem)
    with open_store(common.db, create=True) as store:
        settings = _recorded(store, loaded, settings, limits)
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
    from evolve.store import open_store

    with open_store(common.db, create=False) as store:
        row = find_run(store, run)
        settings = _settings_of(row, limits, manner)
        _check_budget(store, row, settings.budget)
        return sit_at(store, row, problem_of(row), settings, manner, common)


def _bounded(settings: Settings) -> Settings:
    """The settings with the default time limit when nothing in them would ever end the run."""
    budget = settings.budget
    if budget.seconds is not None or budget.evaluations is not None:
        return settings
    if settings.llm.models and (budget.money is not None or budget.tokens is not None):
        return settings
    if settings.llm.source == "replay":
        return settings
    if budget.money is not None:
        from evolve.report.console import remark

        remark(
            f"evolve: no model is used, so ${budget.money:g} cannot end this run; it ends after {DEFAULT_SECONDS:g} s"
        )
    return settings.model_copy(update={"budget": budget.model_copy(update={"seconds": DEFAULT_SECONDS})})


def _recorded(store: Store, problem: Problem, settings: Settings, limits: Limits) -> Settings:
    """A replay's settings: those of the recorded run, for as many candidates as it has. Raises SettingsError."""
    if settings.llm.source != "replay":
        return settings
    from evolve.models import as_recorded

    return as_recorded(store, problem, settings, limits.tree())


def _settings_of(row: RunRow, limits: Limits, manner: Manner) -> Settings:
    """A stored run's settings with a new budget and pool width over them."""
    from evolve.config import settings_from

    tree = {section: value for section, value in row.settings.items() if section not in ("budget", "workers")}
    stored_budget, stored_workers = row.settings.get("budget", {}), row.settings.get("workers", {})
    tree["budget"] = {**stored_budget, **limits.tree()}
    tree["workers"] = {**stored_workers, **manner.tree()}
    return settings_from(tree)


def _check_budget(store: Store, row: RunRow, budget: BudgetSettings) -> None:
    """Refuse to go on with a run that has nothing left to spend. Raises SettingsError."""
    from evolve.report.runs import evaluations

    elapsed, evaluated = row.summary.elapsed, evaluations(store.statuses(row.id))
    if budget.seconds is not None and elapsed >= budget.seconds:
        used, more = f"{budget.seconds:g} s", f"--seconds {round(elapsed) + 60}"
    elif budget.evaluations is not None and evaluated >= budget.evaluations:
        used, more = f"{budget.evaluations} evaluations", f"--evaluations {2 * evaluated}"
    else:
        return
    raise SettingsError(f"run {row.id} has used its {used}; give it more in all: evolve resume {row.id} {more}")


def problem_of(row: RunRow) -> Problem:
    """The problem a run was started on, unchanged since. Raises ProblemError."""
    from evolve.problem import load_problem

    problem = load_problem(row.problem_path)
    if problem.digest != row.problem_digest:
        raise ProblemError(
            f"problem {row.problem_path} changed since run {row.id} began, so its scores could not be compared; restore"
            f" it, or start a new run with evolve run {row.problem_path}"
        )
    return problem


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
    from evolve.cli.sitting import display_for, sit
    from evolve.report import console
    from evolve.report.summary import Summary, summary_json, summary_view
    from evolve.report.watch import Scene, Watch
    from evolve.session import Session

    objective = problem.spec.objective
    scene = Scene(row.id, problem.name, objective.metric, objective.unit, objective.direction, settings.budget)
    watch = Watch(scene, row.summary, store.statuses(row.id), store.best_curve(row.id))
    display = display_for(watch, quiet=manner.quiet, json=common.json)
    session = Session(store, row, problem, settings, [display.observe], recorded=recorded)
    result = sit(session, display)
    summary = Summary.of(store, problem, result, common.db)
    if common.json:
        console.show_json(summary_json(summary))
    else:
        console.show(*summary_view(summary, colour=console.has_colours()))
    return 0 if result.finished else INTERRUPTED
