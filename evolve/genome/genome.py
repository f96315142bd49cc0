"""A scaffold as a folder of files, addressed by its content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evolve.domain import Program

MANIFEST = "scaffold.toml"
"""The file that says what a scaffold is called, which protocol it speaks and where it begins."""

CONTRACT = ("__init__.py", "base.py", "plain.py", "wire.py", "serve.py")
"""Files of the package that are the host's: what both sides say to each other. Never part of a genome; a scaffold finds
the host's own where it runs."""

SHORT = 12
"""Hex digits of a digest that name a scaffold to people."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What `scaffold.toml` says.

    `entry` is `module:function` below the folder, called with (TaskView, settings) and giving a `Scaffold`; `meta` is
    `module:function`, called without arguments and giving an `Improver`. `seconds` bounds one call, `memory` (bytes)
    the process, both capped by the host. `capabilities` are what it wants to do: `models` (ask), `drafts` (propose
    programs without a model).
    """

    name: str
    api: int
    entry: str
    meta: str
    seconds: float = 10.0
    memory: int = 512 * 1024**2
    capabilities: tuple[str, ...] = ("models", "drafts")


@dataclass(frozen=True, slots=True)
class Genome:
    """A scaffold: its files, paths relative to its folder, `scaffold.toml` among them."""

    program: Program

    @classmethod
    def of(cls, files: Mapping[str, str]) -> Genome:
        """A genome of `{path: text}`."""
        return cls(Program.of(files))

    @property
    def digest(self) -> str:
        """SHA-256 (hex): the scaffold's address."""
        return self.program.digest

    @property
    def short(self) -> str:
        """The beginning of the digest, for people."""
        return self.digest[:SHORT]

    @property
    def files(self) -> dict[str, str]:
        """`{path: text}`, in path order."""
        return self.program.as_dict()
