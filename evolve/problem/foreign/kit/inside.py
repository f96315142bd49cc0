"""Unsealed scoring: the whole foreign evaluator in the program's own sandbox. Whatever it says can be forged there."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from typing import Any

from . import running

FILES = "evolve_foreign_files.json"
"""The evaluator's files and the stand-ins as `{path: text}`, laid beside the program."""


def score(text: str) -> dict[str, Any]:
    """Evaluate the program of this text; what the evaluator said as plain data."""
    here = os.getcwd()
    with open(os.path.join(here, FILES), encoding="utf-8") as file:
        laid = json.load(file)
    _write(here, laid)
    settings = json.loads(laid["foreign.json"])
    entry = settings["entry"]
    if entry.endswith(".py"):
        try:
            compile(text, entry, "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            return {"syntax": f"{type(error).__name__}: {error}"}
    folder = os.path.join(here, "foreign")
    _settle(here, folder)
    work = tempfile.mkdtemp(prefix="f", dir=here)
    path = os.path.join(work, "evolved_" + os.path.basename(entry))
    _write("", {path: text})
    try:
        module = running.load(folder, settings["evaluator"]) if settings["functions"] else None
    except ModuleNotFoundError as error:
        return _failed(running.absent(settings["evaluator"], error))
    except Exception as error:
        return _failed(running.traced(error))
    return running.run(settings, module, folder, path, work)


def _failed(text: str) -> dict[str, Any]:
    return {"metrics": {}, "texts": {}, "raised": text, "printed": "", "error": ""}


def _settle(here: str, folder: str) -> None:
    os.environ["TMPDIR"] = tempfile.tempdir = here
    running.prepare([folder, os.path.join(here, "stand_in"), here])
    sys.dont_write_bytecode = True


def _write(root: str, files: dict[str, str]) -> None:
    for path, text in files.items():
        whole = os.path.join(root, path)
        os.makedirs(os.path.dirname(whole), exist_ok=True)
        with open(whole, "w", encoding="utf-8", newline="") as file:
            file.write(text)
