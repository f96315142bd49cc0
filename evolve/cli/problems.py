"""Commands about problem folders: `new` and `check`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from evolve.cli.flags import GIVEN, Given, SandboxOption, sections
from evolve.cli.options import JsonOption

USER_FAULT = 2


def new(
    name: Annotated[str, Parameter(help="Lower-case letters, digits, _ and -, first a letter.")],
    /,
    *,
    into: Annotated[Path, Parameter(help="Folder in which the problem's folder is made.")] = Path(),
    template: Annotated[
        str, Parameter(help="What to start from: function, multi-file, command, opponent, prompt or speed.")
    ] = "function",
    json: JsonOption = False,
) -> None:
    """Write a new problem folder that runs and improves right away, to be changed into yours."""
    from evolve.problem import write_problem
    from evolve.report import console

    folder = write_problem(name, into, template)
    if json:
        console.show_json({"problem": name, "folder": str(folder)})
        return
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    console.show(
        f"wrote {folder}: {', '.join(files)}",
        f"check it:     {console.program_name()} check {folder}",
        f"search on it: {console.program_name()} run {folder}",
    )


def check(
    problem: Annotated[Path, Parameter(help="A problem folder.")],
    /,
    *,
    given: Given = GIVEN,
    repeats: Annotated[int, Parameter(help="Times the seed is scored, to see the noise.")] = 5,
    seconds: Annotated[float, Parameter(help="How long to measure; what does not fit is not measured.")] = 50.0,
    workers: Annotated[int | None, Parameter(help="Evaluations at once; as many as there are processors.")] = None,
    sandbox: SandboxOption = None,
    config: Annotated[tuple[Path, ...], Parameter(help="Settings file (TOML); later ones win.")] = (),
    set_: Annotated[tuple[str, ...], Parameter(name="--set", help="One setting, such as workers.evaluations=4.")] = (),
    json: JsonOption = False,
) -> int:
    """Measure a problem before searching on it: seed, noise, speed, cases, measures; cheats and attacks on its scorer.

    Exits with 2 when something is wrong: the seed fails, a cheat scores, the score does not react to the program,
    held-out cases are search cases, or one of the problem's attacks does not end as it should.
    """
    import asyncio
    import math

    from evolve.assembly import inputs_of
    from evolve.config import load_settings
    from evolve.errors import SettingsError
    from evolve.problem import load_problem
    from evolve.report import console
    from evolve.report.check import check_json, check_view
    from evolve.report.checkup import check_up

    flags = sections(workers={"evaluations": workers}, sandbox={"backend": sandbox})
    settings = load_settings(config, set_, **flags, **given.tree())
    if not 0 < seconds < math.inf or repeats < 1:
        raise SettingsError(f"--seconds {seconds:g} --repeats {repeats} measure nothing; give more than 0 of each")
    loaded = load_problem(problem, inputs_of(settings.problem))
    if not json:
        console.console(stderr=True).print(f"checking {loaded.name}, which may take {seconds:g} s ...")
    checkup = asyncio.run(check_up(loaded, settings, repeats, seconds=seconds))
    if json:
        console.show_json(check_json(checkup))
    else:
        console.show(*check_view(checkup))
    return USER_FAULT if checkup.faults else 0
