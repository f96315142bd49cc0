"""An MCP server with the verbs of the command line: ask, tell, best, lineage, status, runs.

Every call opens the database and the desk and closes them again. Nothing is held between calls, so that any number of
agents, each with a server process of its own, can work on one database: a run's lease is taken for the moments in
which something is read or written, and a call that meets it waits a few seconds. No tool shows a held-out case.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib.metadata import version
from typing import Annotated

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from evolve.cli.desks import desk_of, desk_of_run, is_folder
from evolve.cli.names import LAST, best_number, find_run
from evolve.errors import EvolveError, SettingsError
from evolve.report.plain import CandidateData, LineageData, RunData, RunsData, StatusData
from evolve.report.work import ReportData, WorkData
from evolve.store import Store, open_store

INSTRUCTIONS = (
    "evolve searches for better programs. ask hands you one program to improve and a prompt that says how it scored"
    " and what was tried; change its files (editable ones only) and tell them under the same number. tell runs the"
    " program in a sandbox and returns score, verdict and feedback; read them before you ask again. A status"
    " asked_again means the edit could not be used: mend it and tell the same number. Scores are of search cases;"
    " held-out cases are never shown, so improve the program for the problem and not for the cases. Where sealed is"
    " false, program and scorer shared one process: a score may be forged, and must not be."
)

RunName = Annotated[str, Field(description="A run: its number, its name, or last.")]
RunOrFolder = Annotated[
    str,
    Field(
        description="A run (number, name, last), or the path of a problem folder: its latest unfinished run, else a"
        " new one."
    ),
]
_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_WRITES = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False)


def serve(db: str | None) -> None:
    """Serve a database on standard input and output until the client closes them."""
    server(db).run("stdio")


def server(db: str | None) -> MCPServer[None]:
    """The server of a database; nothing is opened before the first call."""
    made: MCPServer[None] = MCPServer(
        "evolve", instructions=INSTRUCTIONS, version=version("evolve"), log_level="WARNING"
    )
    _add_desk(made, db)
    _add_views(made, db)
    return made


def _add_desk(made: MCPServer[None], db: str | None) -> None:
    @made.tool(annotations=_WRITES)
    async def ask(
        run: RunOrFolder = LAST,
        minutes: Annotated[float, Field(gt=0, le=100_000, description="How long the work is yours.")] = 60.0,
    ) -> WorkData:
        """Get one question of a run: a program to improve, how it scored, what was tried, what may change.

        After `minutes` the work is handed out again under the same number; the first answer counts.
        """
        with _opened(db, create=is_folder(run)) as store:
            return WorkData.of(await desk_of(store, run).ask(timedelta(minutes=minutes)))

    @made.tool(annotations=_WRITES)
    async def tell(
        number: Annotated[int, Field(description="The number ask gave the work.")],
        run: RunName = LAST,
        files: Annotated[
            dict[str, str] | None, Field(description="The complete new text of every file you changed, by path.")
        ] = None,
        answer: Annotated[
            str | None, Field(description="Instead of files: an answer in the form the prompt asks for.")
        ] = None,
        idea: Annotated[str, Field(description="With files: what you tried, in a sentence.")] = "",
    ) -> ReportData:
        """Score your program for a question: status, score, verdict, gain over the parent, feedback, the best now."""
        with _opened(db) as store:
            given = files if answer is None else answer
            if given is None or (files is not None and answer is not None):
                raise SettingsError("give either files or an answer: the edited files by path, or one text")
            return ReportData.of(await desk_of_run(store, run).tell(number, given, idea))


def _add_views(made: MCPServer[None], db: str | None) -> None:
    @made.tool(annotations=_READS)
    def best(run: RunName = LAST) -> CandidateData:
        """Get the best program of a run with its score, metrics and feedback."""
        with _opened(db, read_only=True) as store:
            found = find_run(store, run)
            return CandidateData.of(store.candidate(found.id, best_number(found)), sealed=found.sealed)

    @made.tool(annotations=_READS)
    def lineage(
        run: RunName = LAST,
        number: Annotated[int | None, Field(description="A candidate; the best one when left out.")] = None,
    ) -> LineageData:
        """Get how a candidate came about: its first parents back to the seed, newest first."""
        with _opened(db, read_only=True) as store:
            found = find_run(store, run)
            child = best_number(found) if number is None else number
            return LineageData.of(found, store.lineage(found.id, child))

    @made.tool(annotations=_READS)
    def status(run: RunName = LAST) -> StatusData:
        """Get how a run stands: its best, how its candidates ended, which numbers wait for an answer."""
        with _opened(db, read_only=True) as store:
            return StatusData.of(store, find_run(store, run))

    @made.tool(annotations=_READS)
    def runs(limit: Annotated[int, Field(ge=1, le=1000, description="Most runs listed.")] = 20) -> RunsData:
        """List the runs of the database, newest first."""
        with _opened(db, read_only=True) as store:
            return RunsData(runs=[RunData.of(row) for row in store.runs(limit)])


@contextmanager
def _opened(db: str | None, *, create: bool = False, read_only: bool = False) -> Iterator[Store]:
    """The database for one call; errors a person could act on become messages an agent sees."""
    try:
        with open_store(db, create=create, read_only=read_only) as store:
            yield store
    except EvolveError as error:
        raise ToolError(str(error)) from error
