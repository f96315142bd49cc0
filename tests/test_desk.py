"""Ask and tell from outside, over a scripted sandbox: who gets what when, what counts, and what stays open."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from evolve.config import Settings, load_settings
from evolve.desk import Answer, Desk, Report
from evolve.domain import Candidate, Origin, Outcome, Program, Split, Status
from evolve.errors import NotFound, ProblemError, RunBusy, SandboxUnavailable, SettingsError, UserError
from evolve.handout import Editable, Work, read_program
from evolve.problem import Problem, load_problem
from evolve.sandbox.base import CaseResult, Job, SealedProblem
from evolve.sandbox.scripted import Look, ScriptedSandbox
from evolve.scaffold.base import Draft, Scaffold, TaskView
from evolve.session import Result, Session, choose_run, new_run
from evolve.store import Holder, Proposed, RunRow, RunStatus, Store, open_store
from tests.conftest import PROBLEM_TOML, SEED, look, write_tiny

SIZES = {Split.SEARCH: 4, Split.HOLDOUT: 3}
START = datetime(2030, 1, 1, 12, 0, tzinfo=UTC)
BETTER = {"curve.py": SEED.replace("a = 1.0", "a = 3.0")}
BEST = {"curve.py": SEED.replace("a = 1.0", "a = 3.25")}
GARBLED = "Idea: a larger a\n\ncurve.py\n<<<<<<< SEARCH\n    slope = steep(x)\n=======\n    a = 3.0\n>>>>>>> REPLACE\n"
WHOLE = f"Idea: a larger a\n\ncurve.py\n```python\n{BETTER['curve.py']}```\n"

T = TypeVar("T")


def wait(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(coroutine)


@dataclass
class Office:
    """A run, and desks on it; `now` is the time of all of them."""

    store: Store
    problem: Problem
    settings: Settings
    run: RunRow
    now: datetime = START
    answer: Look = look
    seconds: float = 0.0
    options: dict[str, Any] = field(default_factory=dict)

    def sandbox(self, _sealed: SealedProblem, _settings: Settings) -> ScriptedSandbox:
        return ScriptedSandbox(lambda job, case: self.answer(job, case), SIZES, lambda _: self.seconds)

    def desk(self, **options: Any) -> Desk:
        given = {"sandbox_for": self.sandbox, "clock": lambda: self.now, "patience": 0.3, **self.options, **options}
        return Desk(self.store, self.run, self.problem, self.settings, **given)

    def ask(self) -> Work:
        return wait(self.desk().ask())

    def ask_for_an_edit(self) -> Work:
        """Work whose first answer is an edit and not a plan."""
        work = self.ask()
        while work.step == "plan":
            work = self.ask()
        return work

    def tell(self, number: int, answer: Answer, idea: str = "") -> Report:
        return wait(self.desk().tell(number, answer, idea))

    def search_on(self, evaluations: int) -> Result:
        """A sitting of the engine at the same run."""
        settings = load_settings([], [f"budget.evaluations={evaluations}", "workers.evaluations=2", "seed=5"])
        session = Session(self.store, self.store.run(self.run.id), self.problem, settings, (), self.sandbox)
        return wait(session.run())


@pytest.fixture
def office(tiny: Problem, tmp_path: Path) -> Iterator[Office]:
    yield from opened(tiny, tmp_path)


def opened(problem: Problem, folder: Path, *overrides: str) -> Iterator[Office]:
    settings = load_settings([], ["seed=5", *overrides])
    with open_store(folder / "evolve.db", create=True) as store:
        yield Office(store, problem, settings, choose_run(store, problem, settings))


# ---------------------------------------------------------------- handing out


def test_the_first_ask_scores_the_seed_and_hands_out_what_a_model_would_get(office: Office) -> None:
    work = office.ask()
    seed = office.store.candidate(office.run.id, 0)
    assert seed.evaluation is not None
    assert seed.evaluation.status is Status.VALID
    assert (work.run, work.number, work.base, work.parents) == (office.run.id, 1, 0, (0,))
    assert work.files == {"curve.py": SEED}
    assert work.editable == (Editable("curve.py"),)
    assert work.limits.wall == 10.0
    assert work.expires == START + timedelta(hours=1)
    assert "Find three numbers." in work.prompt
    assert SEED.strip() in work.prompt
    assert "error = 6.14" in work.prompt  # the seed's score, as the sandbox gave it
    asked = office.store.open_questions(office.run.id)
    assert [(row.number, row.last.asker) for row in asked] == [(1, "person")]


def test_an_invalid_seed_is_said_and_nothing_is_handed_out(office: Office) -> None:
    office.answer = lambda job, case: CaseResult(case, Status.CRASH, {}, "no such name")
    with pytest.raises(ProblemError, match=r"the seed program is not valid \(crash\).*no such name"):
        office.ask()
    assert not office.store.open_questions(office.run.id)


def test_two_workers_get_different_work(office: Office) -> None:
    first, second = office.ask(), office.ask()
    assert first.number != second.number


def test_marked_blocks_and_globs_say_what_may_change(tmp_path: Path) -> None:
    marked = SEED.replace("    a = 1.0\n", "    # EVOLVE-BLOCK-START\n    a = 1.0\n    # EVOLVE-BLOCK-END\n")
    toml = PROBLEM_TOML + '\n[program]\nentry = "curve.py"\neditable = ["**/*.py"]\n'
    problem = load_problem(write_tiny(tmp_path / "tiny", seed_curve_py=marked, problem_toml=toml))
    for office in opened(problem, tmp_path):
        work = office.ask()
        assert work.editable == (Editable("curve.py", ((4, 4),)),)
        assert work.addable == ("**/*.py",)


def test_ordered_runs_cannot_be_asked(tiny: Problem, tmp_path: Path) -> None:
    for office in opened(tiny, tmp_path, "search.order=ordered"):
        with pytest.raises(SettingsError, match="ordered"):
            office.desk()


# ---------------------------------------------------------------- telling


def test_a_better_program_is_scored_stored_and_the_new_best(office: Office) -> None:
    work = office.ask_for_an_edit()
    report = office.tell(work.number, WHOLE)
    assert report.evaluation is not None
    assert report.evaluation.objective is not None
    assert report.evaluation.objective.mean == pytest.approx(0.25 + 3.5 + 0.375 + 0.015)
    assert report.verdict is not None
    assert report.verdict.new_best
    assert report.verdict.gain == pytest.approx(2.0)
    assert report.verdict.cell is not None
    assert (report.best, report.best_objective) == (work.number, report.evaluation.objective)
    row = office.store.candidate(office.run.id, work.number)
    assert row.program.as_dict() == BETTER
    assert (row.origin.model, row.origin.operator, row.origin.idea) == ("person", work.operator, "a larger a")
    assert "a larger a" in row.lesson
    said = office.store.completion(office.run.id, work.number, 0)
    assert said is not None
    assert (said.completion.text, said.completion.cost) == (WHOLE, 0.0)


def test_a_bad_program_is_a_result_with_its_feedback(office: Office) -> None:
    work = office.ask()
    office.answer = lambda job, case: CaseResult(case, Status.WRONG, {}, "circles 3 and 7 overlap")
    report = office.tell(work.number, BETTER)
    assert report.evaluation is not None
    assert (report.evaluation.status, report.evaluation.objective) == (Status.WRONG, None)
    assert "circles 3 and 7 overlap" in report.evaluation.feedback
    assert report.verdict is not None
    assert report.verdict.outcome is Outcome.REJECTED
    assert report.best == 0


def test_changed_files_are_laid_over_the_program_and_their_idea_is_kept(office: Office) -> None:
    work = office.ask()
    report = office.tell(work.number, BETTER, "x" * 600)
    assert report.verdict is not None
    row = office.store.candidate(office.run.id, work.number)
    assert row.program.as_dict() == BETTER
    assert row.origin.idea == "x" * 500
    said = office.store.completion(office.run.id, work.number, 0)
    assert said is not None
    assert BETTER["curve.py"] in said.completion.text


def test_an_edit_that_does_not_apply_is_asked_again_under_the_same_number(office: Office) -> None:
    work = office.ask_for_an_edit()
    report = office.tell(work.number, GARBLED)
    assert report.evaluation is None
    assert report.again is not None
    assert report.again.number == work.number
    assert "slope = steep(x)" in report.again.reason
    assert "a = 1.0" in report.again.reason  # the text as it is
    assert GARBLED.strip() in report.again.prompt
    assert office.store.run(office.run.id).summary.told == 1  # the seed alone
    report = office.tell(work.number, WHOLE)
    assert report.evaluation is not None
    assert report.evaluation.status is Status.VALID
    turns = office.store.asked(office.run.id, work.number)
    texts = [turn.completion.completion.text for turn in turns if turn.completion is not None]
    assert texts == [GARBLED, WHOLE]


def test_answers_that_never_apply_end_as_a_failure(office: Office) -> None:
    work = office.ask_for_an_edit()
    reports = [office.tell(work.number, GARBLED)]
    while reports[-1].again is not None:
        assert len(reports) < 6
        reports.append(office.tell(work.number, GARBLED))
    last = reports[-1].evaluation
    assert last is not None
    assert last.status is Status.EDIT_NOT_APPLIED
    with pytest.raises(NotFound, match="was answered and scored already"):
        office.tell(work.number, WHOLE)


def test_a_plan_is_asked_on_and_the_edit_is_scored(office: Office) -> None:
    work = office.ask()
    while work.step != "plan":
        assert work.number < 60
        work = office.ask()
    report = office.tell(work.number, "Make a larger, because the curve bends more.")
    assert report.again is not None
    assert "Make a larger" in report.again.prompt
    report = office.tell(work.number, WHOLE)
    assert report.evaluation is not None
    assert report.evaluation.status is Status.VALID


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"curve.py": SEED}, "the same as the one it was made from"),
        ({"evaluate.py": "x = 1"}, "evaluate.py may not be added"),
        ({"../x.py": "x = 1"}, "may not be added|not a plain relative path"),
        (Program.of({"other.py": "x = 1\n"}), "curve.py is gone"),
    ],
)
def test_files_that_reach_too_far_are_refused_and_may_be_mended(office: Office, answer: Answer, reason: str) -> None:
    work = office.ask()
    report = office.tell(work.number, answer)
    assert report.again is not None
    assert replace(report.again, reason="") == work
    assert re.search(reason, report.again.reason)
    assert office.store.run(office.run.id).summary.candidates == 1
    assert office.tell(work.number, BETTER).verdict is not None


def test_a_program_that_was_there_before_is_refused(office: Office) -> None:
    first, second = office.ask(), office.ask()
    office.tell(first.number, BETTER)
    with_comment = {"curve.py": BETTER["curve.py"].replace("that survives", "of another kind")}
    report = office.tell(second.number, with_comment)
    assert report.again is not None
    assert "proposed before" in report.again.reason


# ---------------------------------------------------------------- time


def test_work_that_is_not_brought_back_is_handed_out_again_under_its_number(office: Office) -> None:
    first = office.ask()
    office.now = START + timedelta(minutes=59)
    assert office.ask().number != first.number
    office.now = START + timedelta(minutes=60)
    again = office.ask()
    assert (again.number, again.prompt, again.files) == (first.number, first.prompt, first.files)
    assert again.expires == office.now + timedelta(hours=1)
    assert office.ask().number not in (first.number, again.number)


def test_the_time_of_work_can_be_chosen(office: Office) -> None:
    first = wait(office.desk().ask(timedelta(minutes=5)))
    assert first.expires == START + timedelta(minutes=5)
    office.now = first.expires
    assert office.ask().number == first.number


def test_a_late_answer_counts_if_it_is_the_first_and_a_second_one_is_refused(office: Office) -> None:
    work = office.ask()
    office.now = START + timedelta(hours=5)
    assert office.ask().number == work.number  # now two are at it
    assert office.tell(work.number, BETTER).verdict is not None
    with pytest.raises(
        NotFound, match=r"candidate 1 of run 1 was answered and scored already \(valid, error 4.14"
    ) as e:
        office.tell(work.number, BEST)
    assert "evolve ask 1 hands out new work" in str(e.value)
    assert office.store.candidate(office.run.id, work.number).program.as_dict() == BETTER


def test_a_number_nobody_waits_for_is_refused_with_those_that_wait(office: Office) -> None:
    work = office.ask()
    with pytest.raises(NotFound, match=f"waits for no answer to 99; numbers that wait for one: {work.number}"):
        office.tell(99, BETTER)


def test_a_candidate_of_the_engine_takes_no_answer(office: Office) -> None:
    office.search_on(10)
    with pytest.raises(NotFound, match="was answered and scored already"):
        office.tell(3, BETTER)


def test_a_program_that_is_being_scored_takes_no_answer(office: Office) -> None:
    office.search_on(4)
    number = office.store.next_number(office.run.id)
    candidate = Candidate(number, Program.of(BEST), Origin("mutate", 0, (0,)))
    office.store.append(office.run.id, [Proposed(candidate, "ab" * 32)])
    with pytest.raises(NotFound, match="has its program already and is being scored"):
        office.tell(number, BETTER)
    assert office.ask().number > number


# ---------------------------------------------------------------- several at once


def test_what_one_process_asks_another_may_tell(office: Office, tmp_path: Path) -> None:
    work = office.ask()
    with open_store(tmp_path / "evolve.db", create=False) as store:
        elsewhere = replace(office, store=store)
        assert elsewhere.tell(work.number, BETTER).verdict is not None
    assert office.store.run(office.run.id).summary.told == 2


def test_nobody_waits_for_anothers_evaluation(office: Office) -> None:
    first, second = office.ask(), office.ask()
    office.seconds = 2.0

    async def busy() -> tuple[Report, Report, Work]:
        telling = [
            asyncio.ensure_future(office.desk().tell(work.number, files))
            for work, files in ((first, BETTER), (second, BEST))
        ]
        await asyncio.sleep(0.3)
        third = await office.desk().ask()
        assert not any(each.done() for each in telling)
        reports = await asyncio.gather(*telling)
        return reports[0], reports[1], third

    one, two, third = wait(busy())
    assert third.number not in (first.number, second.number)
    assert one.verdict is not None
    assert two.verdict is not None
    assert two.best == second.number


def test_of_two_answers_at_the_same_time_the_first_scored_counts(office: Office) -> None:
    work = office.ask()
    office.seconds = 0.3

    async def race() -> list[Report | BaseException]:
        tells = (office.desk().tell(work.number, files) for files in (BETTER, BEST))
        return list(await asyncio.gather(*tells, return_exceptions=True))

    results = wait(race())
    taken = [result for result in results if isinstance(result, Report)]
    refused = [result for result in results if isinstance(result, NotFound)]
    assert len(taken) == len(refused) == 1
    assert "answered and scored already" in str(refused[0])


def test_equal_programs_at_the_same_time_are_one_candidate(office: Office) -> None:
    first, second = office.ask(), office.ask()
    office.seconds = 0.3

    async def race() -> list[Report]:
        return list(await asyncio.gather(*(office.desk().tell(work.number, BETTER) for work in (first, second))))

    again = [report.again for report in wait(race()) if report.again is not None]
    assert len(again) == 1
    assert "proposed before" in again[0].reason


def test_while_a_search_runs_there_is_no_asking_or_telling_and_nothing_is_lost(office: Office) -> None:
    work = office.ask()
    engine = Holder.here()
    office.store.acquire(office.run.id, engine)
    with pytest.raises(RunBusy, match="run 1 is being written by process"):
        office.ask()
    with pytest.raises(RunBusy, match=f"the answer to {work.number} was not taken: tell it again"):
        office.tell(work.number, BETTER)
    office.store.release(office.run.id, engine, RunStatus.INTERRUPTED, "")
    assert office.tell(work.number, BETTER).verdict is not None


# ---------------------------------------------------------------- what goes wrong


def test_a_sandbox_that_fails_leaves_the_number_open(office: Office) -> None:
    work = office.ask()
    healthy = office.answer

    def broken(job: Job, case: int) -> CaseResult:
        raise SandboxUnavailable("no namespaces left")

    office.answer = broken
    with pytest.raises(SandboxUnavailable, match="no namespaces left"):
        office.tell(work.number, BETTER)
    office.answer = healthy
    assert office.tell(work.number, BETTER).verdict is not None


def test_a_tell_that_is_killed_while_it_scores_leaves_the_number_open(office: Office) -> None:
    work = office.ask()
    office.seconds = 5.0

    async def killed() -> None:
        telling = asyncio.ensure_future(office.desk().tell(work.number, BETTER))
        await asyncio.sleep(0.3)
        telling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await telling

    wait(killed())
    assert office.store.completion(office.run.id, work.number, 0) is None
    office.seconds = 0.0
    assert office.tell(work.number, BETTER).verdict is not None


class Drafting:
    """A scaffold that never asks."""

    def __init__(self, task: TaskView) -> None:
        self._task = task

    def propose(self, view: object) -> Draft:
        return Draft("own", BETTER, (0,))

    def observe(self, outcome: object) -> None: ...

    def pins(self) -> frozenset[int]:
        return frozenset()


def test_a_scaffold_that_has_nothing_to_ask_is_said(office: Office) -> None:
    def drafting(task: TaskView, _settings: Settings) -> Scaffold:
        return Drafting(task)  # type: ignore[return-value]

    with pytest.raises(SettingsError, match="has nothing to ask"):
        wait(office.desk(scaffold_for=drafting).ask())


# ---------------------------------------------------------------- together with the engine


def test_a_search_goes_on_from_what_people_found_and_people_from_what_it_found(office: Office) -> None:
    first, waiting = office.ask(), office.ask()
    office.tell(first.number, BEST)
    result = office.search_on(30)
    assert result.finished
    run = office.store.run(office.run.id)
    assert run.summary.told > 20
    numbers = [row.number for row in office.store.tells(run.id)]
    assert len(set(numbers)) == len(numbers)
    assert waiting.number not in numbers
    assert any(
        first.number in office.store.candidate(run.id, number).origin.parents for number in numbers if number > 2
    )
    report = office.tell(waiting.number, {"curve.py": SEED.replace("1.0", "3.25").replace("2.0", "-1.5")})
    assert report.verdict is not None
    assert report.best == run.summary.best_number or report.verdict.new_best
    after = office.store.run(run.id)
    assert (after.status, after.stop_reason) == (RunStatus.FINISHED, run.stop_reason)


def test_a_run_between_asks_waits_and_can_be_gone_on_with(office: Office) -> None:
    office.ask()
    run = office.store.run(office.run.id)
    assert run.status is RunStatus.INTERRUPTED
    assert "evolve run" in run.stop_reason


# ---------------------------------------------------------------- held-out cases

SECRET, SECRET_TEXT = 777.125, "the held-out word"


def secretive(job: Job, case: int) -> CaseResult:
    """Held-out cases have a score and a feedback of their own."""
    if job.split is Split.SEARCH:
        return look(job, case)
    return CaseResult(case, Status.VALID, {"error": SECRET, "spread": 0.5, SECRET_TEXT: SECRET}, SECRET_TEXT)


def test_held_out_cases_are_never_run_nor_shown(office: Office) -> None:
    seen: list[Split] = []

    def noting(job: Job, case: int) -> CaseResult:
        seen.append(job.split)
        return secretive(job, case)

    office.answer = noting
    office.tell(office.ask().number, BETTER)
    assert set(seen) == {Split.SEARCH}
    result = office.search_on(30)
    assert result.holdout_best is not None
    assert result.holdout_best.objective is not None
    assert result.holdout_best.objective.mean == SECRET
    said = repr([office.ask() for _ in range(3)]) + repr(office.tell(office.ask().number, BEST))
    assert str(SECRET) not in said
    assert SECRET_TEXT not in said


# ---------------------------------------------------------------- folders


def folder_of(files: Mapping[str, str], folder: Path) -> Path:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text.encode())
    return folder


def test_a_folder_is_read_as_it_is_without_what_is_no_part_of_the_program(tiny: Problem, tmp_path: Path) -> None:
    files = {"curve.py": "a\r\nb", "PROMPT.md": "p", "notes.txt": "n", ".x/curve.py": "h", "__pycache__/c.py": "c"}
    assert read_program(folder_of(files, tmp_path / "w"), tiny).as_dict() == {"curve.py": "a\r\nb"}


def test_files_that_may_be_added_are_read_from_a_folder(tmp_path: Path) -> None:
    toml = PROBLEM_TOML + '\n[program]\nentry = "curve.py"\neditable = ["**"]\n'
    problem = load_problem(write_tiny(tmp_path / "tiny", problem_toml=toml))
    folder = folder_of({"curve.py": SEED, "lib/new.py": "x = 1\n", "PROMPT.md": "p"}, tmp_path / "w")
    assert set(read_program(folder, problem).as_dict()) == {"curve.py", "lib/new.py"}


def test_folders_that_are_no_program_are_refused(tiny: Problem, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is not a folder"):
        read_program(tmp_path / "nowhere", tiny)
    with pytest.raises(UserError, match=r"curve.py is missing"):
        read_program(folder_of({"x.py": ""}, tmp_path / "w"), tiny)
    (tmp_path / "w" / "curve.py").write_bytes(b"\xff")
    with pytest.raises(UserError, match="not UTF-8"):
        read_program(tmp_path / "w", tiny)


def test_a_run_of_another_scaffold_is_not_asked_with_zero(tmp_path: Path) -> None:

    problem = load_problem(Path(__file__).parents[1] / "benchmarks" / "trivial")
    given = Settings()
    settings = given.model_copy(update={"scaffold": given.scaffold.model_copy(update={"id": "ab" * 32})})
    with open_store(tmp_path / "evolve.db", create=True) as store:
        run = store.run(store.create_run(new_run(problem, settings, "other")))
        with pytest.raises(SettingsError, match=r"scaffold abababababab.*--scaffold zero"):
            Desk(store, run, problem, settings)
