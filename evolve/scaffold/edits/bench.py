"""The files of a program while an answer is applied to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from evolve.scaffold.edits.document import Document
from evolve.scaffold.edits.parts import Swap
from evolve.scaffold.edits.paths import Paths


@dataclass
class Bench:
    """The files as they stand, those `added`, the swaps that had their one place, and the loosest level needed.

    `python` are the files in which Python is written.
    """

    base: Mapping[str, str]
    paths: Paths
    python: frozenset[str]
    documents: dict[str, Document] = field(default_factory=dict)
    added: dict[str, str] = field(default_factory=dict)
    settled: set[Swap] = field(default_factory=set)
    level: str = "exact"

    def document(self, path: str) -> Document:
        """A file as it stands now."""
        if path not in self.documents:
            self.documents[path] = Document.of(path, self.base[path], self.paths.may_change(path))
        return self.documents[path]

    def files(self) -> dict[str, str]:
        """All files of the program as they stand now."""
        changed = {path: document.text for path, document in self.documents.items()}
        return {**self.base, **changed, **self.added}
