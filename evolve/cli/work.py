"""Commands that let people and coding agents answer a run's questions: `ask`, `tell` and `mcp`."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from evolve.cli.desks import desk_of, desk_of_run, is_folder, tell_command
from evolve.cli.names import LAST
from evolve.cli.options import COMMON, Common, DbOption
from evolve.errors import SettingsError, UserError

if TYPE_CHECKING:
    from evolve.desk import Answer
    from evolve.problem import Problem


def ask(
    name: Annotated[
        str, Parameter(help="A run (its number, its name, last), or a problem folder: its latest unfinished run.")
    ] = LAST,
    /,
    *,
    minutes: Annotated[float, Parameter(help="How long the work is yours before it is handed out again.")] = 60.0,
    output: Annotated[
        Path | None, Parameter(alias="-o", help="Write the files to edit and PROMPT.md into this new folder.")
    ] = None,
    common: Common = COMMON,
) -> None:
    """Hand out one question of a run: what a model would be asked, for you or your agent to answer.

    A problem folder without an unfinished run gets a new one, whose seed is scored first. Bring the answer back with
    evolve tell; evolve run goes on from the same state.
    """
    import asyncio

    from evolve.report import console
    from evolve.report.work import WorkData, as_json, folder_view, work_view
    from evolve.report.write import write_work
    from evolve.store import open_store

    lasting = _lasting(minutes)
    if output is not None:
        _check_new(output)
    with open_store(common.db, create=is_folder(name)) as store:
        work = asyncio.run(desk_of(store, name).ask(lasting))
    if output is not None:
        write_work(work, output)
    tell = tell_command(console.program_name(), work.run, work.number, common.db)
    if common.json:
        console.show_json(as_json(WorkData.of(work)))
    elif output is not None:
        console.show(*folder_view(work, console.short_path(output), tell))
    else:
        console.show(*work_view(work, tell))


def tell(
    run: Annotated[str, Parameter(help="A run: its number, its name, or last.")],
    number: Annotated[int, Parameter(help="The number evolve ask gave the work.")],
    /,
    *,
    file: Annotated[
        Path | None,
        Parameter(allow_leading_hyphen=True, help="The answer, as a model would give it; - reads standard input."),
    ] = None,
    folder: Annotated[Path | None, Parameter(help="A folder with all files of the program, edited.")] = None,
    idea: Annotated[
        str, Parameter(help="With --folder: what you tried, in a sentence; later prompts learn from it.")
    ] = "",
    common: Common = COMMON,
) -> None:
    """Score the answer to a question and say what became of it: score, cell, gain, feedback, the best now.

    A bad candidate is a result, too: the exit code is 0. An edit that cannot be applied is not scored, and the same
    number may be answered again. Each number takes one answer; the first one counts.
    """
    import asyncio

    from evolve.report import console
    from evolve.report.work import ReportData, as_json, report_view
    from evolve.store import open_store

    with open_store(common.db, create=False) as store:
        desk = desk_of_run(store, run)
        answer = _answer(file, folder, desk.problem)
        report = asyncio.run(desk.tell(number, answer, idea))
    if common.json:
        console.show_json(as_json(ReportData.of(report)))
    else:
        command = tell_command(console.program_name(), report.run, number, common.db)
        console.show(*report_view(report, desk.problem.spec.objective.unit, command))


def mcp(*, db: DbOption = None) -> None:
    """Serve ask, tell, best, lineage, status and runs to coding agents over MCP on standard input and output.

    Register it with your agent as the command "evolve mcp --db /path/to/evolve.db".
    """
    from evolve.mcp import serve

    serve(db)


def _lasting(minutes: float) -> timedelta:
    if not 0 < minutes <= 60 * 24 * 365:
        raise SettingsError(f"--minutes {minutes:g} must be above 0 and at most a year")
    return timedelta(minutes=minutes)


def _check_new(folder: Path) -> None:
    """Before anything is handed out that could not be written. Raises UserError."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"-o {folder} is already there and not empty; name a new folder")


def _text(file: Path) -> str:
    """An answer from a file or standard input. Raises UserError."""
    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        return raw.decode("utf-8")
    except OSError as error:
        raise UserError(f"--file {file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise UserError(f"--file {file} is not UTF-8 text (byte {error.start}); save it as UTF-8") from None


def _answer(file: Path | None, folder: Path | None, problem: Problem) -> Answer:
    """What was brought. Raises UserError."""
    from evolve.handout import read_program

    if file is not None and folder is None:
        return _text(file)
    if folder is not None and file is None:
        return read_program(folder, problem)
    raise SettingsError("evolve tell takes one answer: give --file answer.md, --file - or --folder DIR")
