"""The commands `evolve meta ...`: campaigns over scaffolds."""

from __future__ import annotations

from cyclopts import App

meta = App(
    name="meta",
    help="Breed better scaffolds, certify one, look at it, make it the default: docs/meta.md.",
    help_format="plaintext",
    result_action="return_value",
)
COMMANDS = {
    "run": ("meta_run:run", "Breed scaffolds on a suite of problems; the same command goes on where it stopped."),
    "list": ("meta_show:list_", "List the campaigns of a database, and which scaffold its runs use."),
    "show": ("meta_show:show", "Show a campaign's certificate and what it rests on, or one scaffold of it."),
    "tree": ("meta_show:tree", "Show which scaffold descends from which, and what each is worth."),
    "diff": ("meta_show:diff", "Show what a scaffold changed."),
    "verify": ("meta_show:verify", "See whether a campaign's log is as it was written."),
    "approve": ("meta_decide:approve", "Make a certified scaffold the default of a database, after a look at it."),
    "rollback": ("meta_decide:rollback", "Go back to the default scaffold before."),
    "quarantine": ("meta_decide:quarantine", "Take a scaffold and all its descendants out of use."),
    "release": ("meta_decide:release", "Let a scaffold that is held for review go on."),
    "imp": ("meta_run:imp", "Measure how well a scaffold improves a fixed one."),
}
"""Module with function and one line of every command, in the order in which a campaign needs them."""
for _order, (_name, (_path, _line)) in enumerate(COMMANDS.items()):
    meta.command(f"evolve.cli.{_path}", name=_name, help=_line, sort_key=_order)
