"""One focused change of the parent: the plain step of the search."""

from __future__ import annotations

from evolve.scaffold.recipes._edit import EditRecipe


class Mutate(EditRecipe):
    """Asks what holds the parent back most, and for a change of just that."""

    name = "mutate"
    template = "tasks/mutate"


RECIPE = Mutate()
