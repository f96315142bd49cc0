"""The archive: MAP-Elites on several islands, the built-in measures, and the fingerprint of a program.

Importing it is light; pyribs and numpy come in when the first candidate needs a cell (or by `preload`).
"""

from evolve.archive.fingerprint import normalised_digest
from evolve.archive.grid import preload
from evolve.archive.islands import Islands
from evolve.archive.measures import BUILTIN_MEASURES, builtin_measures
from evolve.archive.records import ArchiveEvent, BoundsFrozen, Dismissed, Entry, Migrated, Placement, Restarted
from evolve.archive.settings import ArchiveSettings, Axis, Kind, Topology

__all__ = [
    "BUILTIN_MEASURES",
    "ArchiveEvent",
    "ArchiveSettings",
    "Axis",
    "BoundsFrozen",
    "Dismissed",
    "Entry",
    "Islands",
    "Kind",
    "Migrated",
    "Placement",
    "Restarted",
    "Topology",
    "builtin_measures",
    "normalised_digest",
    "preload",
]
