"""How a scaffold other than zero comes to run: the sandbox it lives in, and what makes it for a run."""

from __future__ import annotations

from evolve.assembly import ScaffoldFor, scaffold_settings
from evolve.config import SandboxSettings, Settings
from evolve.domain import Limits
from evolve.genome.folder import ENTRY, MOST_MEMORY, companions, manifest_of
from evolve.genome.genome import Genome
from evolve.genome.lines import CPU_SECONDS, START_SECONDS, Quarters
from evolve.genome.remote import RemoteImprover, RemoteScaffold
from evolve.sandbox.talking import chosen_talking_sandbox
from evolve.scaffold.base import TaskView

PRELOAD = ("jinja2", "numpy", "scipy", "ribs.emitters.opt")
"""Modules imported once, before any scaffold is: what scaffold zero takes seconds to import."""


def quarters_for(settings: SandboxSettings, slots: int) -> Quarters:
    """A sandbox for as many scaffolds at a time, not yet started."""
    limits = Limits(wall=START_SECONDS, cpu=CPU_SECONDS, memory=MOST_MEMORY)
    sandbox = chosen_talking_sandbox(
        settings, slots, entry=ENTRY, companions=companions(), preload=PRELOAD, limits=limits
    )
    return Quarters(sandbox)


def scaffold_for(genome: Genome, quarters: Quarters, *, alone: bool = False) -> ScaffoldFor:
    """Makes a scaffold behind walls for a run's task; `alone`: closing it closes the quarters. Raises ScaffoldError."""
    manifest = manifest_of(genome)

    def made(task: TaskView, settings: Settings) -> RemoteScaffold:
        return RemoteScaffold(quarters.lines(genome, alone=alone), manifest, task, scaffold_settings(settings))

    return made


def improver_for(genome: Genome, quarters: Quarters) -> RemoteImprover:
    """A scaffold's `meta/` behind walls. Raises ScaffoldError."""
    return RemoteImprover(quarters.lines(genome), manifest_of(genome))
