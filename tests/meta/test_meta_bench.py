"""The bench of real campaigns: trials as runs, scaffolds behind real walls, edits as stored questions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import pytest

from evolve.config import Settings, load_settings
from evolve.domain import Completion, Direction, Split, Status
from evolve.errors import BudgetSpent, EditError, EvaluatorError, SandboxUnavailable
from evolve.genome.folder import zero
from evolve.genome.genome import Genome
from evolve.genome.running import quarters_for
from evolve.llm.base import Card, Model, Price, Request
from evolve.llm.ledger import Ledger
from evolve.llm.pool import Pool
from evolve.llm.scripted import ScriptedModel
from evolve.meta.bench import Edited, Grant
from evolve.meta.records import Measured, Stage, Suite, SuiteProblem, Tally, TrialKey, Use
from evolve.meta.runs import EngineBench
from evolve.meta.runs_edit import Editing
from evolve.meta.runs_trial import measured, trial_settings
from evolve.models import as_recorded
from evolve.problem import load_problem
from evolve.sandbox.base import CaseResult, Job
from evolve.sandbox.scripted import ScriptedSandbox
from evolve.scaffold.base import MetaEdit, MetaView, ModelView, Prompt, Section
from evolve.session import Session, choose_run
from evolve.store import Holder, NewRun, RunKind, RunStatus, Store, open_store
from tests.conftest import look, write_tiny
from tests.test_asking import writes

CARD = Card("openai/tiny", Price(1.0, 4.0), context=64_000, output=4_000)
SIZES = {Split.SEARCH: 2, Split.HOLDOUT: 0}
CALLS = 8
T = TypeVar("T")


@dataclass
class World:
    """A campaign's run in a database, and a bench for it per sitting."""

    store: Store
    campaign: int
    holder: Holder
    suite: Suite
    model: ScriptedModel
    answer: Callable[[Job, int], CaseResult] = look
    settings: Settings = field(default_factory=lambda: load_settings([], ["llm.models=['openai/tiny']", "seed=5"]))
    limited: bool = False

    def sit(self, work: Callable[[EngineBench], Coroutine[Any, Any, T]], parallel: int = 1) -> T:
        """Some work with a new bench, as after a new start of the process."""

        async def sitting() -> T:
            bench = EngineBench(
                self.store,
                self.store.run(self.campaign),
                self.holder,
                self.settings,
                self.suite,
                parallel=parallel,
                model_for=self._model,
                sandbox_for=lambda sealed, settings: ScriptedSandbox(self.answer, SIZES),
            )
            try:
                return await work(bench)
            finally:
                await bench.close()

        return asyncio.run(sitting())

    def measure(
        self, genome: Genome, scaffold: int = 0, money: float | None = None, seed: int = 7, calls: int = CALLS
    ) -> Measured:
        """One trial."""
        key = TrialKey(scaffold, "tiny", seed, Stage.RANK, calls)
        return self.sit(lambda bench: bench.measure(genome, self.suite.problems[0], key, Grant(money, calls)))

    def edit(self, improver: Genome, number: int = 1, calls: int = 3) -> Edited:
        """One edit of scaffold zero by `improver`."""
        view = MetaView("seed", zero().files, (ModelView("openai/tiny", 1.0, 4.0, 64_000, 4_000),))
        return self.sit(lambda bench: bench.edit(improver, view, number, Grant(None, calls)))

    def _model(self, settings: Settings) -> Model:
        if not self.limited:
            return self.model
        trial = self.store.trial(self.campaign, f"c{self.campaign}.s0.rank.tiny.7.{CALLS}")
        spent = 0.0 if trial is None else self.store.money(trial.id).spent
        ledger = Ledger(settings.budget.money, spent_money=spent)
        return Pool(settings.llm.models, ledger, clients={CARD.name: self.model}, cards={CARD.name: CARD})


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    folder = write_tiny(tmp_path / "tiny")
    problem = SuiteProblem("tiny", str(folder), Use.SEARCH, 0.0, digest=load_problem(folder).digest)
    new = NewRun("c", "suite", "", "", "area", Direction.MAXIMIZE, 1, {}, "", kind=RunKind.CAMPAIGN)
    with open_store(tmp_path / "evolve.db", create=True) as store:
        campaign, holder = store.create_run(new), Holder.here()
        store.acquire(campaign, holder)
        yield World(store, campaign, holder, Suite("s", CALLS, (problem,)), ScriptedModel(writes, [CARD]))
        store.release(campaign, holder, RunStatus.FINISHED, "")


def like_zero(**changes: str) -> Genome:
    """Scaffold zero with other texts for some files, named with `__` for `/` and without `.py`."""
    texts = {f"{name.replace('__', '/')}.py": text for name, text in changes.items()}
    return Genome.of({**zero().files, "NOTES.md": "A copy.\n", **texts})


def figures(measured: Measured) -> Measured:
    """All that must be the same when the same is measured again elsewhere."""
    return replace(measured, run=None, wall=0.0)


BROKEN = """
class Broken:
    def __init__(self, task, settings):
        self.seen = 0
    def propose(self, view):
        raise SystemExit("I would rather not")
    def observe(self, outcome):
        pass
    def pins(self):
        return frozenset()
    def snapshot(self):
        return {}

def create(task, settings):
    return Broken(task, settings)
"""


def test_a_trial_is_a_run_with_a_curve(world: World) -> None:
    found = world.measure(zero(), calls=24)
    assert len(found.bests) == found.calls == 24 == len(world.model.requests)
    assert list(found.bests) == sorted(found.bests)
    assert found.seed_score <= found.bests[0] < found.bests[-1]
    assert found.statuses["valid"] + 1 == found.evaluations
    assert sum(tally.calls for tally in found.operators.values()) == 24
    assert found.cost is not None
    assert found.cost > 0 < found.tokens
    assert found.run is not None
    row = world.store.run(found.run).summary
    assert (row.kind, row.campaign, row.name) == (RunKind.TRIAL, world.campaign, f"c{world.campaign}.s0.rank.tiny.7.24")
    assert world.store.runs() == []


def test_asked_again_it_gives_the_same_and_buys_nothing(world: World) -> None:
    first = world.measure(zero())
    world.model.requests.clear()
    assert world.measure(zero()) == first
    assert world.model.requests == []


def test_a_trial_can_be_replayed(world: World) -> None:
    trial = world.measure(zero())
    assert trial.run is not None
    problem = load_problem(world.suite.problems[0].folder)
    asked = load_settings([], [f"llm.recording={trial.run}"])
    settings = as_recorded(world.store, problem, asked, {})
    run = choose_run(world.store, problem, settings)
    session = Session(
        world.store, run, problem, settings, sandbox_for=lambda sealed, settings: ScriptedSandbox(look, SIZES)
    )
    best = asyncio.run(session.run()).best
    assert best is not None
    assert problem.direction.sign * best.mean == pytest.approx(trial.bests[-1])
    assert world.store.statuses(run.id) == world.store.statuses(trial.run)


def test_behind_walls_the_same_scaffold_does_the_same(world: World) -> None:
    inside = world.measure(zero())
    outside = world.measure(like_zero(), scaffold=1)
    assert figures(outside) == figures(inside)
    assert outside.run != inside.run


def test_a_scaffold_that_crashes_uses_its_calls_and_earns_nothing(world: World) -> None:
    found = world.measure(like_zero(zero=BROKEN), scaffold=1)
    assert found.failed == ""
    assert found.calls == CALLS
    assert set(found.bests) == {found.seed_score}
    assert world.model.requests == []
    assert found.statuses == {"no_edit": CALLS, "scaffold_crash": 4, "scaffold_gone": CALLS - 4}
    assert found.operators == {"none": Tally(CALLS, 0, 0, CALLS)}
    assert "I would rather not" in found.feedback[0] or "propose" in found.feedback[0]


SPY = """
from evolve.domain import Status
from evolve.errors import EditError

class Spy:
    def __init__(self, task, settings):
        self.told = f"{task} {settings}"
    def propose(self, view):
        raise EditError(Status.NO_EDIT, f"I was shown {view.seed}" if view.number < 3 else self.told)
    def observe(self, outcome):
        pass
    def pins(self):
        return frozenset()
    def snapshot(self):
        return {}

def create(task, settings):
    return Spy(task, settings)
"""


def test_a_scaffold_is_not_told_the_seed_from_which_its_cases_are_drawn(world: World) -> None:
    seed = 123_456_789
    said = world.measure(like_zero(zero=SPY), scaffold=1, seed=seed, calls=3).feedback
    shown = [line.split("shown ")[1] for line in said if "shown" in line]
    assert len(set(shown)) == 2
    assert all(len(text) == 64 and int(text, 16) for text in shown)
    assert "tiny" in said[-1]
    assert not [line for line in said if str(seed) in line]


def test_what_money_does_not_cover_is_said_and_goes_on_with_more(world: World) -> None:
    world.limited = True
    whole = world.measure(zero(), scaffold=1)
    world.model.requests.clear()
    with pytest.raises(BudgetSpent, match="another call"):
        world.measure(zero(), money=0.02)
    bought = len(world.model.requests)
    assert 0 < bought < CALLS
    with pytest.raises(BudgetSpent):
        world.measure(zero(), money=0.02)
    assert len(world.model.requests) == bought
    assert figures(world.measure(zero(), money=1.0)) == figures(whole)
    assert len(world.model.requests) == CALLS


def test_an_evaluator_that_fails_is_shown_and_has_no_curve(world: World) -> None:
    def fails(job: Job, case: int) -> CaseResult:
        raise EvaluatorError("no such file")

    world.answer = fails
    found = world.measure(zero())
    assert found.bests == ()
    assert found.failed == "the evaluator failed: no such file"


def test_a_run_without_a_score_of_its_seed_program_is_a_failure_and_not_a_floor_of_zero(world: World) -> None:
    new = NewRun("t", "tiny", "", "", "error", Direction.MINIMIZE, 1, {}, "", kind=RunKind.TRIAL, campaign=1)
    found = measured(world.store, world.store.run(world.store.create_run(new)), CALLS)
    assert "seed program has no score" in found.failed
    assert found.bests == ()


@pytest.mark.parametrize(("calls", "evaluations"), [(3, 10), (CALLS, 10), (5 * CALLS, 50)])
def test_a_longer_run_has_evaluations_in_proportion(world: World, calls: int, evaluations: int) -> None:
    key = TrialKey(0, "tiny", 7, Stage.LONGER, calls)
    limited = replace(world.suite, evaluations=10)
    for suite, most in ((limited, evaluations), (world.suite, 4 * calls)):
        made = trial_settings(world.settings, suite, suite.problems[0], zero(), key, 1)
        assert (made.budget.calls, made.budget.evaluations) == (calls, most)


def test_a_sandbox_that_fails_in_the_midst_counts_and_one_that_never_starts_does_not(world: World) -> None:
    looks = 0

    def breaks(job: Job, case: int) -> CaseResult:
        nonlocal looks
        looks += 1
        if looks > 2:
            raise SandboxUnavailable("the slot is gone")
        return look(job, case)

    world.answer = breaks
    world.settings = load_settings([], ["llm.models=['openai/tiny']", "seed=5", "sandbox.retries=0"])
    found = world.measure(zero(), calls=24)
    assert found.failed == "the sandbox failed: the slot is gone"
    assert found.bests == ()

    class NoSandbox(ScriptedSandbox):
        async def start(self, say: object = None) -> None:
            raise SandboxUnavailable("no namespaces here")

    async def measure() -> Measured:
        bench = EngineBench(
            world.store,
            world.store.run(world.campaign),
            world.holder,
            world.settings,
            world.suite,
            model_for=lambda settings: world.model,
            sandbox_for=lambda sealed, settings: NoSandbox(look, SIZES),
        )
        key = TrialKey(0, "tiny", 99, Stage.RANK, CALLS)
        try:
            return await bench.measure(zero(), world.suite.problems[0], key, Grant(None, CALLS))
        finally:
            await bench.close()

    with pytest.raises(SandboxUnavailable, match="no namespaces"):
        asyncio.run(measure())


@pytest.mark.slow
def test_trials_side_by_side_are_what_they_are_one_by_one(world: World) -> None:
    keys = [TrialKey(0, "tiny", seed, Stage.RANK, CALLS) for seed in (1, 2, 3, 4)]

    async def together(bench: EngineBench) -> list[Measured]:
        runs = (bench.measure(zero(), world.suite.problems[0], key, Grant(None, CALLS)) for key in keys)
        return await asyncio.gather(*runs)

    found = world.sit(together, parallel=2)
    alone = [world.measure(zero(), scaffold=1, seed=key.seed) for key in keys]
    assert [figures(each) for each in found] == [figures(each) for each in alone]


@pytest.mark.slow
def test_a_trial_that_is_cancelled_goes_on_where_it_was(world: World) -> None:
    whole = world.measure(zero(), scaffold=1)
    world.model = ScriptedModel(writes, [CARD], delay=0.05)
    key = TrialKey(0, "tiny", 7, Stage.RANK, CALLS)

    async def cut_short(bench: EngineBench) -> None:
        task = asyncio.create_task(bench.measure(zero(), world.suite.problems[0], key, Grant(None, CALLS)))
        while len(world.model.requests) < 4:
            await asyncio.sleep(0.005)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    world.sit(cut_short)
    trial = world.store.trial(world.campaign, f"c{world.campaign}.s0.rank.tiny.7.8")
    assert trial is not None
    assert trial.status is RunStatus.INTERRUPTED
    assert figures(world.measure(zero())) == figures(whole)
    assert len(world.model.requests) <= CALLS + 1


def test_another_scaffold_under_the_same_number_is_a_mistake(world: World) -> None:
    world.measure(zero())
    with pytest.raises(ValueError, match="another scaffold"):
        world.measure(like_zero())


def test_digests_follow_the_problem(world: World) -> None:
    async def digests(bench: EngineBench) -> dict[str, str]:
        return dict(bench.digests())

    before = world.sit(digests)
    assert {"suite", "problem tiny"} < set(before)
    evaluator = Path(world.suite.problems[0].folder) / "evaluate.py"
    evaluator.write_text(evaluator.read_text() + "\n# another\n")
    after = world.sit(digests)
    assert [name for name in before if before[name] != after[name]] == ["problem tiny"]


# ---------------------------------------------------------------- edits

EDIT = """\
Idea: lessons are short, so two more can be shown.
Predict: area up

settings.py
<<<<<<< SEARCH
    lessons: int = 5
=======
    lessons: int = 7
>>>>>>> REPLACE
"""


def edits(request: Request) -> str:
    return EDIT


@pytest.mark.parametrize(
    "improver", [zero(), pytest.param(like_zero(), marks=pytest.mark.slow)], ids=["in process", "behind walls"]
)
def test_an_edit_is_bought_once_and_stored_with_the_campaign(world: World, improver: Genome) -> None:
    world.model = ScriptedModel(edits, [CARD])
    made = world.edit(improver)
    assert made.status is Status.VALID, made.reason
    assert made.edit is not None
    assert "lessons: int = 7" in (made.edit.files["settings.py"] or "")
    assert (made.calls, made.model) == (1, "openai/tiny")
    assert made.cost == world.store.money(world.campaign).cost
    assert [row.step for row in world.store.asked(world.campaign, 1)] == ["meta"]
    assert world.edit(improver) == made
    assert len(world.model.requests) == 1
    assert world.edit(improver, number=2).edit == made.edit
    assert len(world.model.requests) == 2


@pytest.mark.parametrize(("answer", "status"), [("No.", Status.NO_EDIT), ("", Status.EMPTY)])
def test_an_answer_of_no_use_is_no_edit_after_a_few_questions(world: World, answer: str, status: Status) -> None:
    world.model = ScriptedModel(lambda request: answer, [CARD])
    made = world.edit(zero())
    assert made.edit is None
    assert made.status in (status, Status.EDIT_NOT_APPLIED)
    assert made.reason
    assert 1 <= made.calls == len(world.model.requests) <= 3


def test_an_edit_never_takes_more_calls_than_granted(world: World) -> None:
    world.model = ScriptedModel(lambda request: EDIT.replace("lessons: int = 5", "nothing_of_the_kind(1)"), [CARD])
    with pytest.raises(BudgetSpent):
        world.edit(zero(), calls=1)
    assert len(world.model.requests) == 1
    world.edit(zero(), calls=3)
    assert len(world.model.requests) == 2


def test_an_improver_that_wavers_gets_no_more_questions_than_others(world: World) -> None:
    """It asks something else each time it is begun again, so that no stored answer is of use."""
    asked = 0

    class Wavering:
        def meta_propose(self, view: MetaView) -> Prompt:
            nonlocal asked
            asked += 1
            return Prompt("improve", "openai/tiny", (Section("task", f"question {asked}"),), 0, (), step="meta")

        def meta_parse(self, prompt: Prompt, files: Mapping[str, str], answer: Completion) -> MetaEdit | Prompt:
            raise EditError(Status.NO_EDIT, "not convinced")

    run = world.store.run(world.campaign)
    editing = Editing(world.store, run, world.holder, world.settings, lambda settings: world.model)
    view = MetaView("seed", {}, (ModelView("openai/tiny"),))
    made = [asyncio.run(editing.edit(Wavering(), view, 1, Grant(None, 3))) for _ in range(5)]
    assert len(world.model.requests) == 3
    assert [each.status for each in made] == [Status.NO_EDIT] * 5
    assert made[-1].calls == 3


@pytest.mark.slow
def test_quarters_that_are_given_stay_open(world: World) -> None:
    with closing(quarters_for(world.settings.sandbox, 1)) as quarters:
        quarters.start()

        async def measure() -> Measured:
            bench = EngineBench(
                world.store,
                world.store.run(world.campaign),
                world.holder,
                world.settings,
                world.suite,
                model_for=lambda settings: world.model,
                sandbox_for=lambda sealed, settings: ScriptedSandbox(look, SIZES),
                quarters=quarters,
            )
            try:
                key = TrialKey(1, "tiny", 3, Stage.ALIVE, 2)
                return await bench.measure(like_zero(), world.suite.problems[0], key, Grant(None, 2))
            finally:
                await bench.close()

        assert asyncio.run(measure()).calls == 2
        assert quarters.isolation.backend
