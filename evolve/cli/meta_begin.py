"""Before a campaign begins: its name, whether its limit covers a verdict, and who has that name already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evolve.cli.names import check_run_name
from evolve.errors import SettingsError

if TYPE_CHECKING:
    from evolve.meta.sitting import Order
    from evolve.report.meta_plan import Plan
    from evolve.store import RunRow, Store


def check_campaign_name(name: str) -> str:
    """A name for a new campaign that can be told from its scaffolds. Raises SettingsError."""
    if ":" in name:
        raise SettingsError(
            f"--name {name!r}: a campaign's name has no : in it, which stands before a scaffold's number"
        )
    return check_run_name(name)


def check_covered(store: Store, order: Order, plan: Plan, *, new: bool) -> None:
    """See that a campaign that is not there yet can come to a verdict within its limit. Raises SettingsError."""
    from evolve.meta.sitting import find_campaign

    if plan.limit is None or plan.limit >= plan.least or (not new and find_campaign(store, order) is not None):
        return
    raise SettingsError(
        f"the budget of {plan.limit:,} calls does not cover calibration, one scaffold, its verdict and the controls;"
        f" give at least {plan.least:,} calls, or take a smaller suite, fewer seeds or fewer controls"
    )


def namesake(store: Store, row: RunRow) -> str:
    """What to say of a new campaign when its name is taken, or ""."""
    from evolve.report.meta_campaign import campaigns

    others = [each.id for each in campaigns(store) if each.name == row.summary.name and each.id != row.id]
    if not others:
        return ""
    other = store.run(others[0])
    same = (other.settings_digest, other.problem_digest) == (row.settings_digest, row.problem_digest)
    how = "with the same settings" if same else "with other settings"
    return (
        f"there is a campaign {other.id} of that name {how}; this begins campaign {row.id}, and from now on the name"
        f" stands for it: call the other one {other.id}"
    )
