"""A child of two programs that are good at different things; the caller chooses them."""

from __future__ import annotations

from evolve.scaffold import evidence
from evolve.scaffold.occasion import Occasion
from evolve.scaffold.recipes._edit import EditRecipe, mate_of


class Crossover(EditRecipe):
    """Edits the parent with what its mate, the first inspiration, does better; says by which numbers they differ."""

    name = "crossover"
    template = "tasks/crossover"
    mates = 1

    def words(self, occasion: Occasion, form: str) -> dict[str, str]:
        """The mate and the comparison besides."""
        mate = mate_of(occasion, self.name)
        told = evidence.comparison(occasion.task, occasion.parent, mate)
        return {**super().words(occasion, form), "mate": str(mate.number), "comparison": told}


RECIPE = Crossover()
