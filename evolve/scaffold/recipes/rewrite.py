"""A program that differs from the parent in kind: the way out when small changes no longer help."""

from __future__ import annotations

from evolve.scaffold.recipes._edit import EditRecipe


class Rewrite(EditRecipe):
    """Asks for another approach, always as whole files: little of the parent is left to search for."""

    name = "rewrite"
    template = "tasks/rewrite"
    forms = ("whole",)


RECIPE = Rewrite()
