"""The command `export`: a run as one file, to look at anywhere or to count with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from cyclopts.validators import Number

from evolve.cli.names import find_measured
from evolve.cli.options import COMMON, Common, reading
from evolve.errors import SettingsError

if TYPE_CHECKING:
    from evolve.store import RunRow, Store
    from evolve.web.recording_pieces import Recorded

MOST = 2_000
"""Candidates kept whole unless told otherwise: a file that can still be sent by mail."""


def export(
    run: Annotated[str, Parameter(help="A run: its number, its name, or last.")] = "last",
    /,
    *,
    html: Annotated[
        Path | None,
        Parameter(help="Write the inspector's pages of this run into one HTML file, which needs no server."),
    ] = None,
    csv: Annotated[Path | None, Parameter(help="Write a table of all candidates as comma-separated values.")] = None,
    candidates: Annotated[
        int,
        Parameter(
            validator=Number(gte=1),
            help="Most candidates whose program, prompts and measurements the HTML file has; the best and where it came"
            " from are always among them. All candidates are in its lists and charts.",
        ),
    ] = MOST,
    force: Annotated[bool, Parameter(help="Replace files that are there.")] = False,
    common: Common = COMMON,
) -> None:
    """Write a run, finished or going on, into a file: --html to look at, --csv to count with."""
    from evolve.report import console

    if html is None and csv is None:
        raise SettingsError("nothing to write; give --html report.html or --csv candidates.csv")
    _check_targets([path for path in (html, csv) if path is not None], replace=force)
    with reading(common) as opened, opened.snapshot() as store:  # both files show one moment
        found = find_measured(store, run)
        written: list[dict[str, Any]] = []
        if html is not None:
            written.append(_html(store, found, html, candidates, replace=force))
        if csv is not None:
            written.append(_csv(store, found, csv, replace=force))
    if common.json:
        console.show_json({"run": found.id, "sealed": found.sealed, "written": written})
    else:
        console.show(*map(_sentence, written))


def _check_targets(paths: Sequence[Path], *, replace: bool) -> None:
    """Both before either is written. Raises UserError."""
    from evolve.report.text import one_line
    from evolve.web.export import check_free

    if len({path.resolve() for path in paths}) < len(paths):
        raise SettingsError(f"--html and --csv both name {one_line(str(paths[0]), 1000)}; give each a file of its own")
    for path in paths:
        check_free(path, replace=replace)


def _html(store: Store, run: RunRow, path: Path, most: int, *, replace: bool) -> dict[str, Any]:
    from evolve.report import console
    from evolve.web.export import export_html
    from evolve.web.recording import NUMBER

    with console.console(stderr=True).status("reading the run") as line:

        def said(answer: Recorded) -> None:
            number = answer.params.get(NUMBER)
            line.update("reading the run" if number is None else f"reading candidate {number}")

        done = export_html(store, run, path, most=most, replace=replace, said=said)
    return {"path": str(path), "bytes": done.size, "candidates": done.candidates, "whole": done.whole}


def _csv(store: Store, run: RunRow, path: Path, *, replace: bool) -> dict[str, Any]:
    from evolve.web.export import export_csv

    return {"path": str(path), "bytes": export_csv(store, run, path, replace=replace)}


def _sentence(written: dict[str, Any]) -> str:
    from evolve.report.figures import count, plural
    from evolve.report.text import one_line

    sentence = f"wrote {one_line(written['path'], 1000)} ({_megabytes(written['bytes'])})"
    if "whole" not in written:
        return sentence
    if written["whole"] == written["candidates"]:
        return f"{sentence}: {plural(written['candidates'], 'candidate')}; open it in a browser"
    return (
        f"{sentence}: {count(written['whole'])} of {count(written['candidates'])} candidates with program and prompts"
        " (--candidates keeps more), all of them in lists and charts; open it in a browser"
    )


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.1f} kB"
