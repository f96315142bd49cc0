"""A native folder that keeps a foreign evaluator in `original/`, as `evolve import` writes it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from evolve.errors import ProblemError
from evolve.problem.foreign.keyless import keyless
from evolve.problem.foreign.laying import FOLDER, KIT, SETTINGS, Laid, lay
from evolve.problem.foreign.layout import with_siblings
from evolve.problem.foreign.scan import runs_text

ORIGINAL = "original"


def lay_kept(root: Path, evaluator: Mapping[str, str], *, entry: str, first: str, sealed: bool) -> Laid | None:
    """The folder's `evaluator` files with the adapter it asks for; None when its `evaluate.py` has no use for one.

    `entry` is the program's file, `first` its text in the seed, `sealed` what `problem.toml` says. Raises ProblemError
    when the adapter's settings are missing or none.
    """
    if f"{KIT}." not in evaluator.get("evaluate.py", ""):
        return None
    settings = _settings(root, evaluator.get(SETTINGS))
    kept = {path: text for path, text in evaluator.items() if path.startswith(f"{ORIGINAL}/")}
    if f"{ORIGINAL}/{settings.get('evaluator')}" not in kept:
        raise ProblemError(
            f"{root / SETTINGS} names the evaluator {settings.get('evaluator')!r}, which is not in {ORIGINAL}/; put it"
            f" back, or write an evaluate.py that does not import {KIT}"
        )
    settings |= {"entry": entry, "seed": hashlib.sha256(first.encode()).hexdigest(), "sealed": sealed}
    settings["more_time"] = f"allow more as seconds in {SETTINGS} and as limits.wall in problem.toml"
    if sealed and (settings.get("reads") or settings.get("text")):
        settings["modules"] = _looked_at(root, str(settings["evaluator"]))
    files = {f"{FOLDER}/{path.removeprefix(f'{ORIGINAL}/')}": text for path, text in kept.items()}
    laid = lay(keyless(files), json.dumps(settings, sort_keys=True), sealed=sealed)
    own = {path: text for path, text in evaluator.items() if path not in kept}
    return Laid({**own, **laid.evaluator}, laid.companions)


def _looked_at(root: Path, evaluator: str) -> list[str]:
    """The evaluator's modules. Raises ProblemError where one could run the program's text, which it gets to read."""
    trees = with_siblings(root / ORIGINAL, evaluator)
    if what := runs_text(trees):
        raise ProblemError(
            f"{root / ORIGINAL / evaluator} reads the program's file and {what}, so the program's text could run on the"
            " trusted side; write sealed = false in problem.toml, or change that line"
        )
    return sorted(trees)


def _settings(root: Path, text: str | None) -> dict[str, object]:
    try:
        found = json.loads(text or "")
    except ValueError:
        found = None
    if not isinstance(found, dict):
        what = "is missing" if text is None else "is no JSON object"
        raise ProblemError(
            f"{root / SETTINGS} {what}, and evaluate.py imports {KIT}, which needs it; import the folder once more"
        )
    return found
