"""Measures scaffolds with ordinary runs of the database: the bench of real campaigns.

A trial is a run of kind `trial`, found again by its name. So a killed campaign loses nothing it bought, everything that
shows runs shows trials, and what is measured is what `evolve run` does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from evolve import assembly
from evolve.assembly import SandboxFor, ScaffoldFor
from evolve.config import ProblemSettings, Settings
from evolve.errors import BudgetSpent, EvaluatorError, SandboxUnavailable
from evolve.events import EvaluationRetried, Event, ModelTrouble, Observer, RunStarted, SandboxPrepared
from evolve.genome.folder import zero
from evolve.genome.genome import Genome
from evolve.genome.lines import Quarters
from evolve.genome.running import improver_for, quarters_for, scaffold_for
from evolve.meta.bench import Edited, Grant
from evolve.meta.lanes import Lanes
from evolve.meta.manifest import manifest
from evolve.meta.records import Measured, Suite, SuiteProblem, TrialKey
from evolve.meta.runs_edit import Editing
from evolve.meta.runs_money import Losses
from evolve.meta.runs_trial import measured, shared, trial_name, trial_settings, within
from evolve.models import ModelFor
from evolve.problem import Problem, load_problem
from evolve.scaffold.base import MetaView
from evolve.session import Session, new_run
from evolve.store import Holder, RunKind, RunRow, RunStatus, Store

_WORTH_SAYING = (ModelTrouble, SandboxPrepared, EvaluationRetried)
_UNAFFORDABLE = "another call of"
"""In the reason for which a run ended whose money did not cover the next call (`evolve.llm.lane`)."""


class EngineBench:
    """Fulfils `Bench`; `close` it at the end.

    Args:
        store: Open for writing.
        run: The campaign's, held by `holder`.
        holder: Who is at the campaign.
        settings: What trials are made from: models, sandbox, search.
        suite: What is measured on, and how many calls a trial has.
        parallel: Trials at once.
        model_for: Makes models instead of the pools the settings name.
        sandbox_for: Makes the sandboxes of problems instead of those the settings name.
        quarters: Where scaffolds other than zero live; those the settings name when left out. Not closed if given.
        observers: Hear what a person should know of a trial: its models' and sandbox's troubles.
    """

    def __init__(
        self,
        store: Store,
        run: RunRow,
        holder: Holder,
        settings: Settings,
        suite: Suite,
        *,
        parallel: int = 1,
        model_for: ModelFor | None = None,
        sandbox_for: SandboxFor | None = None,
        quarters: Quarters | None = None,
        observers: Sequence[Observer] = (),
    ) -> None:
        self._store = store
        self._run = run
        self._settings = settings
        self._suite = suite
        self._parallel = parallel
        self._model_for = model_for
        self._sandbox_for = sandbox_for
        self._own = quarters is None
        self._quarters = quarters or quarters_for(settings.sandbox, parallel)
        self._observers = tuple(observers)
        own = settings.model_copy(update={"llm": shared(settings.llm, parallel)})
        self._editing = Editing(store, run, holder, own, model_for, self._observers)
        self._losses = Losses(store, run.id)
        self._problems: dict[str, Problem] = {}
        self._lanes = Lanes(parallel, _disconnect)
        self._moving_in = asyncio.Lock()

    async def measure(self, genome: Genome, problem: SuiteProblem, key: TrialKey, grant: Grant) -> Measured:
        """Run a scaffold on a problem of the suite for `key.calls` calls, or read what that came to before.

        An infrastructure failure is a result: an evaluator that fails, or a sandbox that does so in the midst of it.
        Raises as `Bench.measure` says.
        """
        loaded = self._problem(problem)
        settings = trial_settings(self._settings, self._suite, problem, genome, key, self._parallel)
        run = self._trial(loaded, settings, trial_name(self._run.id, key))
        if run.status is RunStatus.FINISHED and _UNAFFORDABLE not in run.stop_reason:
            return measured(self._store, run, key.calls)
        settings = within(settings, self._losses.less(grant.money, run.id))
        scaffold = await self._scaffold(genome)
        failed, reason = await self._lanes.do(lambda: self._sit(run, loaded, settings, scaffold))
        self._losses.note(run.id)
        if _UNAFFORDABLE in reason:
            raise BudgetSpent(reason)
        return measured(self._store, self._store.run(run.id), key.calls, failed)

    async def edit(self, improver: Genome, view: MetaView, number: int, grant: Grant) -> Edited:
        """Have a scaffold's `meta/` edit `view.files`, in at most three questions, stored with the campaign's run."""
        allowed = replace(grant, money=self._losses.less(grant.money, None))
        try:
            if improver.digest == zero().digest:
                from evolve.scaffold.meta.improver import create

                return await self._lanes.do(lambda: self._editing.edit(create(), view, number, allowed))
            await self._move_in()
            return await self._lanes.do(lambda: self._edit_behind_walls(improver, view, number, allowed))
        finally:
            self._losses.note(self._run.id)

    def digests(self) -> Mapping[str, str]:
        """SHA-256 (hex) by name of all that decides what is measured, read anew from disk."""
        problems = {problem.name: _load(problem).digest for problem in self._suite.problems}
        return manifest(self._suite, problems)

    async def close(self) -> None:
        """End every process and thread; no call may be under way."""
        await self._lanes.close()
        if self._own:
            await asyncio.to_thread(self._quarters.close)

    # ---------------------------------------------------------------- trials

    def _problem(self, problem: SuiteProblem) -> Problem:
        if problem.name not in self._problems:
            self._problems[problem.name] = _load(problem)
        return self._problems[problem.name]

    def _trial(self, problem: Problem, settings: Settings, name: str) -> RunRow:
        found = self._store.trial(self._run.id, name)
        if found is None:
            new = replace(new_run(problem, settings, name), kind=RunKind.TRIAL, campaign=self._run.id)
            return self._store.run(self._store.create_run(new))
        if found.settings_digest != settings.identity() or found.problem_digest != problem.digest:
            raise ValueError(f"trial {name} is run {found.id} already, of another scaffold, problem or settings")
        return found

    async def _sit(
        self, run: RunRow, problem: Problem, settings: Settings, scaffold_for: ScaffoldFor
    ) -> tuple[str, str]:
        """One sitting at a trial: the sentence for an infrastructure failure or "", and why the run ended."""
        begun = False

        def observe(event: Event) -> None:
            nonlocal begun
            begun = begun or isinstance(event, RunStarted)
            if isinstance(event, _WORTH_SAYING):
                for observer in self._observers:
                    observer(event)

        session = Session(
            self._store,
            run,
            problem,
            settings,
            [observe],
            sandbox_for=self._sandbox_for,
            scaffold_for=scaffold_for,
            model_for=self._model_for,
        )
        try:
            return "", (await session.run()).reason
        except EvaluatorError as error:
            return f"the evaluator failed: {error}", ""
        except SandboxUnavailable as error:
            if not begun:
                raise
            return f"the sandbox failed: {error}", ""

    # ---------------------------------------------------------------- scaffolds

    async def _scaffold(self, genome: Genome) -> ScaffoldFor:
        if genome.digest == zero().digest:
            return assembly.scaffold_zero
        await self._move_in()
        return scaffold_for(genome, self._quarters)

    async def _move_in(self) -> None:
        """Start the quarters, once. Raises SandboxUnavailable."""
        async with self._moving_in:
            await asyncio.to_thread(self._quarters.start, self._say)

    def _say(self, sentence: str) -> None:
        for observer in self._observers:
            observer(SandboxPrepared(sentence))

    async def _edit_behind_walls(self, improver: Genome, view: MetaView, number: int, grant: Grant) -> Edited:
        remote = improver_for(improver, self._quarters)
        try:
            return await self._editing.edit(remote, view, number, grant)
        finally:
            remote.close()


@asynccontextmanager
async def engine_bench(
    store: Store,
    run: RunRow,
    holder: Holder,
    settings: Settings,
    suite: Suite,
    *,
    parallel: int = 1,
    observers: Sequence[Observer] = (),
) -> AsyncIterator[EngineBench]:
    """A bench for as long as the context lasts; `functools.partial` of it is a `BenchFor`."""
    bench = EngineBench(store, run, holder, settings, suite, parallel=parallel, observers=observers)
    try:
        yield bench
    finally:
        await bench.close()


def _load(problem: SuiteProblem) -> Problem:
    given = ProblemSettings(parameters=dict(problem.parameters))
    return load_problem(problem.folder, assembly.inputs_of(given))


async def _disconnect() -> None:
    """Close what a lane's event loop keeps open between trials."""
    from evolve.llm.litellm import disconnect

    await disconnect()
