"""The same score with less code: shorter programs are easier to improve, and fill other cells."""

from __future__ import annotations

from evolve.scaffold.occasion import Occasion
from evolve.scaffold.recipes._edit import EditRecipe


class Simplify(EditRecipe):
    """Asks for a shorter and plainer program that is no worse."""

    name = "simplify"
    template = "tasks/simplify"
    shrinks = True

    def words(self, occasion: Occasion, form: str) -> dict[str, str]:
        """Nothing about better: the objective is to stay as it is."""
        words = super().words(occasion, form)
        del words["better"]
        return words


RECIPE = Simplify()
