"""The command `compare`: runs of several kinds against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from evolve.cli.names import find_runs
from evolve.cli.options import COMMON, Common, reading
from evolve.errors import SettingsError

if TYPE_CHECKING:
    from evolve.store import RunRow, Store


def compare(
    *arms: Annotated[
        str, Parameter(help="A run's name (all runs of that name), its number, or several of them: 1,2,3.")
    ],
    csv: Annotated[bool, Parameter(help="Print the best so far of every run as comma-separated values.")] = False,
    common: Common = COMMON,
) -> None:
    """Compare runs of one problem: medians, intervals, and a test of every arm against the first.

    Arms are compared at equal evaluations, at equal money where every run asked models of known price, and on
    held-out cases. Runs of equal seeds are paired: give both arms the same seeds (--seed 1, --seed 2, ...).
    """
    from evolve.report import console
    from evolve.report.compare import compare_csv, compare_json, compare_view
    from evolve.report.comparison import compare as compared

    if csv and common.json:
        raise SettingsError("--csv and --json both say what to print; give one of them")
    with reading(common) as store:
        comparison = compared(store, [(arm, _runs(store, arm)) for arm in arms])
    if common.json:
        console.show_json(compare_json(comparison))
    elif csv:
        console.show(compare_csv(comparison).rstrip("\n"))
    else:
        console.show(*compare_view(comparison))


def _runs(store: Store, arm: str) -> list[RunRow]:
    """The runs an arm stands for, each once. Raises NotFound."""
    found = {run.id: run for part in arm.split(",") if part.strip() for run in find_runs(store, part.strip())}
    if not found:
        raise SettingsError(f"arm {arm!r} names no run; write a name, a number, or several: 1,2,3")
    return list(found.values())
