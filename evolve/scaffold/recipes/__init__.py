"""The registry of recipes: every module of this folder holds one as `RECIPE`; a new one is a file and a template."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping

from evolve.scaffold.occasion import Recipe


def _discovered() -> tuple[Recipe, ...]:
    """The recipes of all modules but those that begin with an underscore, by name."""
    modules = sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))
    found: list[Recipe] = [importlib.import_module(f"{__name__}.{module}").RECIPE for module in modules]
    return tuple(sorted(found, key=lambda recipe: recipe.name))


RECIPES: tuple[Recipe, ...] = _discovered()
"""All recipes, sorted by name."""

BY_NAME: Mapping[str, Recipe] = {recipe.name: recipe for recipe in RECIPES}

__all__ = ["BY_NAME", "RECIPES", "Recipe"]
