"""The command `compare`: runs of several kinds against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from evolve.cli.options import COMMON, Common, reading
from evolve.errors import SettingsError

if TYPE_CHECKING:
    from evolve.report.comparison import Comparison


def compare(
    *arms: Annotated[
        str, Parameter(help="A run's name (all runs of that name), its number, or several of them: 1,2,3.")
    ],
    csv: Annotated[bool, Parameter(help="Print the best so far of every run as comma-separated values.")] = False,
    latex: Annotated[bool, Parameter(help="Print a table for a paper: LaTeX with booktabs.")] = False,
    common: Common = COMMON,
) -> None:
    """Compare runs of one problem: medians, intervals, and a test of every arm against the first.

    Arms are compared at equal evaluations, at equal money where every run asked models of known price, and on
    held-out cases. Runs of equal seeds are paired: give both arms the same seeds (--seed 1, --seed 2, ...).
    """
    from evolve.report import console
    from evolve.report.compare import compare_view
    from evolve.report.comparison import compare as compared
    from evolve.report.naming import find_arms

    forms = [flag for flag, given in (("--csv", csv), ("--latex", latex), ("--json", common.json)) if given]
    if len(forms) > 1:
        raise SettingsError(f"{' and '.join(forms)} each say what to print; give one of them")
    with reading(common) as store:
        comparison = compared(store, find_arms(store, arms))
    if not forms:
        console.show(*compare_view(comparison))
    elif common.json:
        console.show_json(_json(comparison))
    else:
        console.show(_text(comparison, latex=latex).rstrip("\n"))


def _json(comparison: Comparison) -> dict[str, Any]:
    from evolve.inspection.bands import climb_json, climbs_of
    from evolve.report.compare_data import compare_json

    return {**compare_json(comparison), "climbs": [climb_json(climb) for climb in climbs_of(comparison)]}


def _text(comparison: Comparison, *, latex: bool) -> str:
    if latex:
        from evolve.report.compare_latex import compare_latex

        return compare_latex(comparison)
    from evolve.report.compare_data import compare_csv

    return compare_csv(comparison)
