"""How a scaffold other than zero comes to run: the sandbox it lives in, and what makes it for a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evolve.assembly import ScaffoldFor, scaffold_settings, scaffold_zero, task_view
from evolve.config import SandboxSettings, Settings
from evolve.domain import Limits
from evolve.errors import EditError, ScaffoldError
from evolve.genome.caller import Caller
from evolve.genome.fault import Fault
from evolve.genome.folder import ENTRY, MOST_MEMORY, companions, manifest_of, zero
from evolve.genome.genome import Genome
from evolve.genome.lines import CPU_SECONDS, START_SECONDS, Quarters
from evolve.genome.remote import RemoteImprover, RemoteScaffold
from evolve.sandbox.talking import chosen_talking_sandbox
from evolve.scaffold.base import TaskView

if TYPE_CHECKING:
    from evolve.problem import Problem
    from evolve.store import Store

PRELOAD = ("jinja2",)
"""Modules imported once, before any scaffold is: what every scaffold needs that renders templates."""

TUNING = ("numpy", "scipy.stats", "pandas", "sklearn.cluster", "numba")
"""What pyribs takes seconds to import, for scaffolds that tune numbers. pyribs itself cannot be among them: what numba
caches needs a folder that can be written, which only a scaffold has."""


def quarters_for(settings: SandboxSettings, slots: int, *, tuning: bool = False) -> Quarters:
    """A sandbox for as many scaffolds at a time, not yet started; `tuning` says that they may tune numbers."""
    limits = Limits(wall=START_SECONDS, cpu=CPU_SECONDS, memory=MOST_MEMORY)
    preload = (*PRELOAD, *TUNING) if tuning else PRELOAD
    sandbox = chosen_talking_sandbox(
        settings, slots, entry=ENTRY, companions=companions(), preload=preload, limits=limits
    )
    return Quarters(sandbox)


def tunes(genome: Genome, settings: Settings) -> bool:
    """Whether a scaffold may tune numbers in such a run, as scaffold zero would; one without pyribs need not wait."""
    wanted = not settings.llm.models or settings.scaffold.builtin > 0 or settings.scaffold.tuned > 0
    return wanted and any("ribs" in text for path, text in genome.files.items() if path.endswith(".py"))


def chosen_scaffold(store: Store, settings: Settings) -> ScaffoldFor:
    """What makes the scaffold the settings name: scaffold zero in this process, any other behind walls of its own.

    Raises NotFound for one that the database does not have, ScaffoldError for one that cannot run.
    """
    named = settings.scaffold.id
    if named in ("", zero().digest):
        return scaffold_zero
    genome = Genome(store.program_by_digest(named))
    return scaffold_for(genome, quarters_for(settings.sandbox, 1, tuning=tunes(genome, settings)), alone=True)


def scaffold_for(genome: Genome, quarters: Quarters, *, alone: bool = False) -> ScaffoldFor:
    """Makes a scaffold behind walls for a run's task; `alone`: closing it closes the quarters. Raises ScaffoldError."""
    manifest = manifest_of(genome)

    def made(task: TaskView, settings: Settings) -> RemoteScaffold:
        return RemoteScaffold(quarters.lines(genome, alone=alone), manifest, task, scaffold_settings(settings))

    return made


def improver_for(genome: Genome, quarters: Quarters) -> RemoteImprover:
    """A scaffold's `meta/` behind walls. Raises ScaffoldError."""
    return RemoteImprover(quarters.lines(genome), manifest_of(genome))


def check_starts(genome: Genome, problem: Problem, settings: Settings) -> None:
    """Start a scaffold behind walls once, as a run on that problem would, and end it again.

    Raises ScaffoldError with what it said when it does not start, SandboxUnavailable when its walls do not.
    """
    told = {"task": task_view(problem), "settings": scaffold_settings(settings)}
    caller = Caller(quarters_for(settings.sandbox, 1).lines(genome, alone=True), manifest_of(genome), told)
    try:
        caller.start()
    except (Fault, EditError) as error:
        raise ScaffoldError(f"it {error}" if isinstance(error, Fault) else f"it refused to start: {error}") from None
    finally:
        caller.close()
