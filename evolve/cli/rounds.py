"""`evolve rounds`: search against the winners of earlier rounds, one round after another."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from evolve.cli.amounts import parse_budget
from evolve.cli.flags import ASKED, GIVEN, LIMITS, MANNER, Asked, Given, Limits, Manner, Whole, settings_for
from evolve.cli.names import check_run_name
from evolve.cli.options import COMMON, Common
from evolve.cli.run import INTERRUPTED, bounded, check_asked, watched
from evolve.errors import SettingsError

if TYPE_CHECKING:
    from evolve.config import BudgetSettings, Settings
    from evolve.problem import Problem
    from evolve.report.rounds import Standing
    from evolve.rounds import Rounds
    from evolve.store import Store

ALL = "all"


def rounds(
    problem: Annotated[Path, Parameter(help="A problem folder whose cases take champions.")],
    /,
    *,
    rounds: Annotated[Whole, Parameter(help="How many rounds there are in the end.")] = 10,
    history: Annotated[str, Parameter(help="How many of the latest champions are opponents: all, or a number.")] = ALL,
    total: Annotated[
        tuple[str, ...],
        Parameter(help="What all rounds together may use, such as 10usd or 1h; may be given for each kind."),
    ] = (),
    limits: Limits = LIMITS,
    asked: Asked = ASKED,
    given: Given = GIVEN,
    seed: Annotated[Whole, Parameter(help="Seed of the whole series; drawn when not given.")] = None,
    name: Annotated[str, Parameter(help="Name of the series; the problem's when not given.")] = "",
    new: Annotated[bool, Parameter(help="Begin another series even if there is one to go on with.")] = False,
    config: Annotated[tuple[Path, ...], Parameter(help="Settings file (TOML); later ones win.")] = (),
    set_: Annotated[
        tuple[str, ...], Parameter(name="--set", help="One setting, such as search.islands=4; wins over files.")
    ] = (),
    manner: Manner = MANNER,
    common: Common = COMMON,
) -> int:
    """Search in rounds: the winner of each is the seed of the next one, and an opponent from then on.

    Limits are those of one round, 60 seconds unless you say otherwise. The same command again goes on in the round it
    was stopped in; with more --rounds a finished series goes on, too. Each round is a run, named NAME.1, NAME.2, ...
    """
    from evolve.assembly import inputs_of
    from evolve.problem import load_problem
    from evolve.rounds import Rounds
    from evolve.store import open_store

    settings = bounded(settings_for(config, set_, limits=limits, manner=manner, asked=asked, given=given, seed=seed))
    if settings.llm.source == "replay":
        raise SettingsError("a series of rounds cannot be replayed; replay its first with evolve run --llm replay")
    chosen_name, latest, most = check_run_name(name) if name else "", _history(history), _total(total)
    if rounds is None or rounds < 1:
        raise SettingsError(f"--rounds {rounds} leaves nothing to do; give 1 or more")
    loaded = load_problem(problem, inputs_of(settings.problem))
    _check_takes_champions(loaded)
    check_asked(loaded, settings)
    with open_store(common.db, create=True) as store:
        series = Rounds(store, problem, settings, chosen_name, history=latest, total=most, new=new)
        return _play(store, series, settings, rounds, manner, common)


def _play(store: Store, series: Rounds, settings: Settings, rounds: int, manner: Manner, common: Common) -> int:
    """Sit at one round after another, and show how the series stands after each."""
    from evolve.report import console

    note = ""
    for _ in range(rounds - len(series.finished())):
        sitting = series.sitting()
        if sitting is None:
            note = f"the total is used up after {len(series.finished())} rounds; a larger --total goes on"
            break
        _say(f"round {sitting.number} of {rounds}: run {sitting.run.id}", manner, common)
        result = watched(store, sitting.run, sitting.problem, sitting.settings, manner, common)
        if result is None or not result.finished:
            console.remark(
                f"evolve: interrupted in round {sitting.number} (run {sitting.run.id}); nothing that was scored is"
                " lost; the same command goes on"
            )
            return INTERRUPTED
        if sitting.number < rounds and not (manner.quiet or common.json):
            _show(_standing(store, series, settings, manner, common), common)
    _show(_standing(store, series, settings, manner, common, note), common, last=True)
    return 0


def _standing(
    store: Store, series: Rounds, settings: Settings, manner: Manner, common: Common, note: str = ""
) -> Standing:
    """How the series stands, once all champions have met."""
    from evolve.duels import Arena
    from evolve.report.rounds import Standing

    _say("champions meet one another", manner, common)
    keys = [each.key for each in series.finished()]
    duels = asyncio.run(Arena(store, series.folder, settings, keys).measure())
    return Standing.of(series, duels, store.url, note)


def _show(standing: Standing, common: Common, *, last: bool = False) -> None:
    from evolve.report import console
    from evolve.report.rounds import matrix_view, standing_json, standing_view

    if common.json:
        console.show_json(standing_json(standing))
        return
    console.show(*standing_view(standing))
    if last and len(standing.rows) > 1:
        console.show(*matrix_view(standing))


def _say(sentence: str, manner: Manner, common: Common) -> None:
    from evolve.report import console

    if not manner.quiet:
        console.console(stderr=common.json).print(sentence, style="dim")


def _history(text: str) -> int | None:
    """How many champions are opponents, None for all. Raises SettingsError."""
    if text == ALL:
        return None
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise SettingsError(f"--history {text!r} is neither all nor a number of rounds; write --history all or 1")
    return int(text)


def _total(texts: tuple[str, ...]) -> BudgetSettings:
    """The limits of all rounds together. Raises SettingsError."""
    from evolve.config import BudgetSettings

    limits: dict[str, Any] = {}
    for text in texts:
        kind, value = parse_budget(text)
        if kind in limits:
            raise SettingsError(f"--total {text!r} sets the limit on {kind} a second time; give it once")
        limits[kind] = value
    return BudgetSettings(**limits)


def _check_takes_champions(problem: Problem) -> None:
    """Refuse a problem in which every round would be the first one again. Raises SettingsError."""
    if not any("champions" in text for path, text in problem.evaluator.items() if path.endswith(".py")):
        raise SettingsError(
            f"the evaluator of {problem.root} has nothing to do with champions, so every round would be the same; take"
            " them in cases(split, seed, champions), or use evolve run"
        )
