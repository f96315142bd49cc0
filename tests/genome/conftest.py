"""Scaffolds that end with their test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from small_scaffold import TASK, HereLines, genome

from evolve.genome.folder import manifest_of
from evolve.genome.genome import Genome
from evolve.genome.lines import Lines, ProcessLines
from evolve.genome.remote import RemoteImprover, RemoteScaffold


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[Callable[..., RemoteScaffold]]:
    """Makes scaffolds that say all as lines: in this process, or with `process` in one of their own."""
    made: list[RemoteScaffold] = []

    def make(chosen: Genome | None = None, *, process: bool = False) -> RemoteScaffold:
        chosen = chosen or genome()
        lines: Lines = ProcessLines(chosen) if process else HereLines(chosen, tmp_path)
        made.append(RemoteScaffold(lines, manifest_of(chosen), TASK, {}))
        return made[-1]

    yield make
    for scaffold in made:
        scaffold.close()


@pytest.fixture
def improver(tmp_path: Path) -> Callable[..., RemoteImprover]:
    """Makes improvers that say all as lines, in this process."""

    def make(chosen: Genome | None = None) -> RemoteImprover:
        chosen = chosen or genome()
        return RemoteImprover(HereLines(chosen, tmp_path), manifest_of(chosen))

    return make
