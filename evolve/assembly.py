"""Puts a run's parts together: what the sandbox is told of a problem, which sandbox, which scaffold."""

from __future__ import annotations

import ast
import hashlib
import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from evolve.archive.settings import ArchiveSettings, Axis, Kind, Topology
from evolve.config import ProblemSettings, SearchSettings, Settings
from evolve.domain import SEED_NUMBER
from evolve.errors import SettingsError
from evolve.problem import Champion, Inputs, Problem
from evolve.problem.foreign import DRIVER
from evolve.sandbox.base import Sandbox, SealedProblem
from evolve.scaffold import zero
from evolve.scaffold.base import EliteView, ModelView, Prompt, Scaffold, SearchView, TaskView
from evolve.scaffold.settings import ZeroSettings

if TYPE_CHECKING:
    from evolve.store import Store

SandboxFor = Callable[[SealedProblem, Settings], Sandbox]
"""Makes a sandbox, not yet started, for a problem."""
ScaffoldFor = Callable[[TaskView, Settings], Scaffold]
"""Makes a scaffold for a task."""
DEAR_PACKAGES = frozenset({"numpy", "scipy"})
"""Imported before forking when evaluator or seed import them: numpy anew in every fork costs more than all the rest."""


def derived_seed(seed: int, purpose: str) -> int:
    """A 48-bit seed that does not give away the one it comes from."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{purpose}".encode()).digest()[:6], "big")


def opaque_seed(seed: int, purpose: str) -> str:
    """A seed to hand out to code that must not find out the one it comes from: 256 bits, in hex.

    Those of `derived_seed` are worked out from the same number, so it must not be shown. One that can be guessed stays
    guessable: try, derive, compare.
    """
    return hashlib.sha256(f"{seed}:shown:{purpose}".encode()).hexdigest()


def inputs_of(settings: ProblemSettings, store: Store | None = None) -> Inputs:
    """What a problem is given besides its folder; programs of earlier rounds are read from the store.

    Raises SettingsError for such programs without a store, NotFound for those it does not have.
    """
    holdout = None if settings.holdout is None else Path(settings.holdout)
    named = settings.champions if settings.seed is None else (*settings.champions, settings.seed)
    given = Inputs(settings.parameters, holdout, scoring=settings.scoring or "")
    if not named:
        return given
    if store is None:
        raise SettingsError("problem.champions and problem.seed are set by evolve rounds; leave them out elsewhere")
    files = {name: store.candidate(*name).program.as_dict() for name in dict.fromkeys(named)}
    first = settings.round - len(settings.champions)
    champions = [Champion(first + place, name[1], files[name]) for place, name in enumerate(settings.champions)]
    seed = None if settings.seed is None else files[settings.seed]
    return replace(given, champions=tuple(champions), seed=seed)


def named_inputs(folder: Path | str, settings: ProblemSettings) -> tuple[str, str]:
    """What a run's scores depend on, as a person would name it, and the flags that gave it to the run."""
    given = [f"{name}={str(value).lower() if isinstance(value, bool) else value}"
             for name, value in settings.parameters.items()]  # fmt: skip
    flags = [flag for each in given for flag in ("--parameter", each)]
    named = f"problem {folder}" + (f" (with {', '.join(given)})" if given else "")
    if settings.holdout is not None:
        named += f" or its held-out folder {settings.holdout}"
        flags += ["--holdout", settings.holdout]
    if settings.scoring is not None:
        flags += ["--scoring", settings.scoring]
    return named, shlex.join(flags)


def sealed_problem(problem: Problem, seed: int, kept_image: str = "") -> SealedProblem:
    """What a sandbox is given of a problem in a run of this seed, scored in `kept_image` so far."""
    program, evaluation = problem.spec.program, problem.spec.evaluation
    return SealedProblem(
        name=problem.name,
        evaluator=problem.evaluator,
        entry=DRIVER if problem.companions else problem.entry,
        language="python" if problem.companions else problem.language,
        case_seed=derived_seed(seed, "cases"),
        preload=tuple(dict.fromkeys((*evaluation.preload, *dear_imports(problem)))),
        resident=evaluation.resident,
        build=program.build,
        command=program.command,
        limits=problem.limits,
        image=problem.spec.sandbox.image or "",
        requirements=problem.requirements,
        kept_image=kept_image,
        companions=problem.companions,
        sealed=evaluation.sealed,
    )


def dear_imports(problem: Problem) -> Iterator[str]:
    """Modules of `DEAR_PACKAGES` that the evaluator or the seed imports by name."""
    sources = {**problem.seed.as_dict(), **problem.evaluator}
    for path, text in sources.items():
        if not path.endswith(".py"):
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names = [node.module]
            else:
                continue
            yield from (name for name in names if name.partition(".")[0] in DEAR_PACKAGES)


def archive_settings(problem: Problem, settings: SearchSettings, seed: int) -> ArchiveSettings:
    """How the islands of a run are laid out."""
    return ArchiveSettings(
        axes=tuple(Axis(m.name, m.low, m.high, m.cells) for m in problem.spec.measures),
        islands=settings.islands,
        kind=Kind(settings.archive),
        cvt_cells=settings.cvt_cells,
        learn_first=settings.learn_first,
        topology=Topology(settings.migration),
        migration_interval=settings.migration_interval,
        migration_rate=settings.migration_rate,
        stagnation=settings.stagnation,
        seed=seed,
    )


def chosen_sandbox(sealed: SealedProblem, settings: Settings) -> Sandbox:
    """The sandbox the settings want, not yet started."""
    chosen, slots = settings.sandbox, settings.workers.evaluations

    def docker() -> Sandbox:
        from evolve.sandbox.docker import DockerSandbox

        return DockerSandbox(sealed, slots, image=chosen.image or "", runtime=chosen.runtime)

    def local() -> Sandbox:
        from evolve.sandbox.local import LocalSandbox

        return LocalSandbox(sealed, slots, allow_unsandboxed=chosen.allow_unsandboxed)

    if chosen.backend == "auto":
        from evolve.sandbox.auto import AutoSandbox

        if chosen.runtime is not None:
            return docker()  # asked for by name: nothing weaker will do
        named = chosen.image or sealed.image or sealed.requirements.strip()
        return AutoSandbox(docker, local, particular=bool(named))
    return docker() if chosen.backend == "docker" else local()


def task_view(problem: Problem) -> TaskView:
    """What a scaffold is told of a problem, once for the whole run."""
    objective, limits = problem.spec.objective, problem.limits
    return TaskView(
        name=problem.name,
        statement=problem.statement,
        language=problem.language,
        entry=problem.entry,
        editable=problem.editable,
        seed_files=problem.seed.as_dict(),
        measures=tuple(measure.name for measure in problem.spec.measures),
        editable_globs=problem.editable_globs,
        objective=objective.metric,
        direction=objective.direction,
        unit=objective.unit,
        seconds=limits.wall if problem.evaluator else 0.0,  # a function without an evaluator is not limited
        memory=limits.memory,
    )


def scaffold_settings(settings: Settings, models: tuple[str, ...] | None = None) -> dict[str, object]:
    """What a scaffold is told besides its task, as plain data; `models` stand in for the settings' own."""
    chosen = settings.scaffold
    told = ZeroSettings(
        selection=chosen.selection,
        models=tuple(model.name for model in settings.llm.models) if models is None else models,
        builtin=chosen.builtin,
        tuned=chosen.tuned,
        form=chosen.form,
        prompt_tokens=chosen.prompt_tokens,
        inspirations=chosen.inspirations,
        lessons=chosen.lessons,
    )
    return asdict(told)


def scaffold_zero(task: TaskView, settings: Settings, models: tuple[str, ...] | None = None) -> Scaffold:
    """Scaffold zero, in this process, as the settings want it; `models` stand in for theirs."""
    return zero.create(task, scaffold_settings(settings, models))


def opening_prompt(problem: Problem, settings: Settings, models: Sequence[ModelView]) -> Prompt | None:
    """The first thing a model would be asked: how long prompts are, before anything is spent."""
    seed = EliteView(SEED_NUMBER, problem.seed.as_dict(), 0.0, None, 0, None, 0, "seed")
    alone = settings.scaffold.model_copy(update={"builtin": 0.0})
    scaffold = scaffold_zero(task_view(problem), settings.model_copy(update={"scaffold": alone}))
    proposed = scaffold.propose(SearchView(1, "opening", 0, (seed,), best=seed, models=tuple(models)))
    return proposed if isinstance(proposed, Prompt) else None


def preload(models: bool = False) -> None:
    """Import what takes seconds while the sandbox warms up; for a thread. `models` says that some will be asked."""
    from evolve.archive.grid import preload as preload_archive
    from evolve.scaffold.tuner import preload as preload_tuner

    preload_archive()
    preload_tuner()
    if models:
        from evolve.llm.litellm import preload as preload_client

        preload_client()
