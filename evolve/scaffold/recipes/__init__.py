"""The registry of recipes: every module of this folder holds one as `RECIPE`; a new one is a file and a template."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping

from evolve.scaffold.occasion import Recipe


def discovered(package: str, folders: Iterable[str]) -> tuple[Recipe, ...]:
    """The recipes of all modules in a package's folders but those that begin with an underscore, by name."""
    modules = [module.name for module in pkgutil.iter_modules(folders) if not module.name.startswith("_")]
    found: list[Recipe] = [importlib.import_module(f"{package}.{module}").RECIPE for module in modules]
    return tuple(sorted(found, key=lambda recipe: recipe.name))


RECIPES: tuple[Recipe, ...] = discovered(__name__, __path__)
"""All recipes, sorted by name."""

BY_NAME: Mapping[str, Recipe] = {recipe.name: recipe for recipe in RECIPES}

__all__ = ["BY_NAME", "RECIPES", "Recipe"]
