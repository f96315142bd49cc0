"""Edits that apply: from a model's answer, however malformed, to a child program or to an error it can act on."""

from evolve.scaffold.edits.edit import Edited, edit_from
from evolve.scaffold.edits.parts import LEVELS

__all__ = ["LEVELS", "Edited", "edit_from"]
