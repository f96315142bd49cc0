"""Which files of a foreign problem lie where: beside the trusted evaluator, or beside the program."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evolve.problem.folder import read_text
from evolve.problem.foreign import DRIVER

FOLDER = "foreign"
"""Where the evaluator's own files are for the adapter."""
SETTINGS = "foreign.json"
"""How the adapter is to run them."""
KIT = "evolve_foreign"
"""The adapter's package, which comes with evolve."""
EVALUATE = f'''"""Made by evolve: scores with the evaluator in {FOLDER}/."""
import os
from {KIT}.scoring import Scorer
evaluate = Scorer(os.path.dirname(os.path.abspath(__file__))).evaluate
'''
_DRIVER = f'"""Made by evolve: runs the evaluator beside the program."""\nfrom {KIT}.inside import score\n'
_FILES = "evolve_foreign_files.json"
_INSIDE_ONLY = (f"{FOLDER}/", "stand_in/")
_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Laid:
    """`{path: text}` of what lies beside the evaluator, and beside every program."""

    evaluator: Mapping[str, str]
    companions: Mapping[str, str]


def lay(files: Mapping[str, str], settings: str, *, sealed: bool) -> Laid:
    """Lay out the foreign `files` (below `FOLDER`) with the adapter and its `settings`.

    Unsealed, the evaluator's files lie beside the program and the trusted side has none of them.
    """
    every = {**files, **_stand_ins(), SETTINGS: settings}
    if sealed:
        return Laid({**_kit(), **every}, {})
    seen = {path: text for path, text in every.items() if not path.startswith(_INSIDE_ONLY)}
    return Laid({**_kit(), **seen}, {DRIVER: _DRIVER, **_kit(), _FILES: json.dumps(every)})


def _kit() -> dict[str, str]:
    return {f"{KIT}/{path.name}": read_text(path) for path in sorted((_HERE / "kit").glob("*.py"))}


def _stand_ins() -> dict[str, str]:
    folder = _HERE / "stand_in"
    return {f"stand_in/{path.relative_to(folder).as_posix()}": read_text(path) for path in sorted(folder.rglob("*.py"))}
