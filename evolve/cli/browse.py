"""Commands that look into a database: `runs`, `show`, `best`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from evolve.cli.names import LAST, Named, best_number, find, find_measured
from evolve.cli.options import COMMON, Common, reading

if TYPE_CHECKING:
    from rich.console import RenderableType

    from evolve.store import CandidateRow, RunRow, Store

RunName = Annotated[str, Parameter(help="A run: its number, its name, or last.")]
CandidateName = Annotated[
    str, Parameter(help="A run (3, its name, last) or a candidate of it (3/117, last/best, last/seed).")
]
CodeFlag = Annotated[bool, Parameter(help="Print the program.")]
EvalFlag = Annotated[bool, Parameter(name="--eval", help="Print every measurement of every case.")]
PromptFlag = Annotated[bool, Parameter(help="Print what a model was asked for it, and what it answered.")]
DiffFlag = Annotated[
    Literal["parent", "seed", "best"] | None,
    Parameter(help="Print the difference from this candidate: parent, seed or best."),
]


def runs(
    *, limit: Annotated[int, Parameter(help="Most runs listed, newest first.")] = 20, common: Common = COMMON
) -> None:
    """List the runs of a database, newest first."""
    from evolve.report import console
    from evolve.report.naming import no_runs
    from evolve.report.runs import run_json, runs_view

    with reading(common) as store:
        rows = store.runs(limit)
        if common.json:
            console.show_json([run_json(row) for row in rows])
        elif rows:
            console.show(runs_view(rows))
        else:
            console.show(no_runs(store))


def show(
    name: CandidateName = LAST,
    /,
    *,
    code: CodeFlag = False,
    diff: DiffFlag = None,
    eval_: EvalFlag = False,
    prompt: PromptFlag = False,
    common: Common = COMMON,
) -> None:
    """Show a run (how it stands, how it got there) or one candidate.

    For a run, --code, --diff, --eval and --prompt show its best candidate.
    """
    from evolve.report import console
    from evolve.report.runs import RunDetails, run_details_json, run_view

    with reading(common) as store:
        named = find(store, name)
        if named.number is None and not (code or diff or eval_ or prompt):
            details = RunDetails.of(store, named.run)
            if common.json:
                console.show_json(run_details_json(details))
            else:
                console.show(run_view(details))
            return
        row = _candidate(store, named)
        if common.json:
            console.show_json(_candidate_json(store, named.run, row, diff, prompt=prompt))
        else:
            console.show(*_candidate_views(store, named.run, row, code=code, diff=diff, eval_=eval_, prompt=prompt))


def best(
    run: RunName = LAST,
    /,
    *,
    code: CodeFlag = False,
    diff: DiffFlag = None,
    output: Annotated[
        Path | None, Parameter(alias="-o", help="Write the program's files into this folder, unchanged.")
    ] = None,
    common: Common = COMMON,
) -> None:
    """Show the best candidate of a run by its search objective, or write its program out."""
    from evolve.report import console

    with reading(common) as store:
        found = find_measured(store, run)
        row = store.candidate(found.id, best_number(found))
        written = [] if output is None else _write_out(row, output)
        if common.json:
            console.show_json({**_candidate_json(store, found, row, diff), "written": [str(path) for path in written]})
        elif written:
            console.show(*(f"wrote {path}" for path in written))
        else:
            console.show(*_candidate_views(store, found, row, code=code, diff=diff))


def _number(named: Named) -> int:
    return best_number(named.run) if named.number is None else named.number


def _candidate(store: Store, named: Named) -> CandidateRow:
    return store.candidate(named.run.id, _number(named))


def _candidate_json(
    store: Store, run: RunRow, row: CandidateRow, diff: str | None, *, prompt: bool = False
) -> dict[str, Any]:
    from evolve.report.candidate import candidate_json
    from evolve.report.conversation import conversation_json

    data = candidate_json(row, sealed=run.sealed)
    if diff is not None:
        data["diff"] = _diff(store, row, diff)
    if prompt:
        data["conversation"] = conversation_json(store.asked(row.run_id, row.number))
    return data


def _candidate_views(
    store: Store,
    run: RunRow,
    row: CandidateRow,
    *,
    code: bool,
    diff: str | None,
    eval_: bool = False,
    prompt: bool = False,
) -> list[RenderableType]:
    from evolve.report import console
    from evolve.report.candidate import candidate_view, measurements_view
    from evolve.report.conversation import conversation_view
    from evolve.report.diff import diff_view, program_view
    from evolve.report.sealing import notices

    # A program or a difference alone has no score to label, and is often piped into a file.
    views: list[RenderableType] = [*notices(sealed=run.sealed or not (prompt or eval_))]
    if prompt:
        views += conversation_view(store.asked(row.run_id, row.number), row.number)
    if eval_:
        views.append(measurements_view(row))
    if diff is not None:
        text = _diff(store, row, diff)
        views.append(diff_view(text, colour=console.has_colours()) if text else f"no difference from {diff}")
    if code:
        views += program_view(row.program, colour=console.has_colours())
    return views or [candidate_view(row, sealed=run.sealed)]


def _diff(store: Store, row: CandidateRow, base: str) -> str:
    from evolve.report.diff import unified

    number = _base_number(store.run(row.run_id), row, base)
    before = store.programs(row.run_id, [number])[number]
    return unified(before, row.program, (str(number), str(row.number)))


def _base_number(run: RunRow, row: CandidateRow, base: str) -> int:
    if base == "best":
        return best_number(run)
    return row.origin.parents[0] if base == "parent" and row.origin.parents else 0


def _write_out(row: CandidateRow, folder: Path) -> list[Path]:
    from evolve.report.write import write_program

    return write_program(row.program, folder)
