"""The command `import`: other people's problem folders as native ones."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from evolve.cli.options import JsonOption

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evolve.problem.importing import Imported


def import_(
    folder: Annotated[Path, Parameter(help="An OpenEvolve or ShinkaEvolve folder; it stays as it is.")],
    /,
    *,
    output: Annotated[Path, Parameter(alias="-o", help="The native folder to write; must not be there yet.")],
    json: JsonOption = False,
) -> None:
    """Write a native problem folder of an OpenEvolve or ShinkaEvolve one, to be finished by hand.

    It scores as the folder it came from does, which evolve run takes as it is. IMPORT.md in it says what was carried
    over, what was left behind, and what is to be changed so that programs cannot forge their scores.
    """
    from evolve.problem.importing import import_folder
    from evolve.report import console
    from evolve.report.text import plain

    made = import_folder(folder, output)
    if json:
        console.show_json({**asdict(made), "folder": str(made.folder)})
    else:
        console.show(*(plain(line) for line in _lines(made, console.program_name())))


def _lines(made: Imported, program: str) -> Iterator[str]:
    state = "sealed" if made.sealed else "unsealed"
    yield f"wrote {made.folder} from {made.kind}: {state}; IMPORT.md says the same as below"
    yield from _block("why unsealed", made.reasons)
    yield from _block("carried over", made.taken)
    yield from _block("left behind", made.left)
    yield from _block("to finish by hand", made.open)
    yield f"check it:     {program} check {made.folder}"
    yield f"search on it: {program} run {made.folder}"


def _block(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield f"{title}:"
        yield from (f"  - {line}" for line in lines)
