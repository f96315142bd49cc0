"""A scaffold in a process of its own: what it says is held to what it was shown, and what it does wrong is counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from small_scaffold import ELITES, MODEL, SEED, SMALL, TASK, changed, genome, view

from evolve.domain import Completion, Finish, Message, Outcome, Role, Status
from evolve.errors import EditError
from evolve.genome.folder import manifest_of
from evolve.genome.genome import Genome
from evolve.genome.lines import ProcessLines
from evolve.genome.remote import RemoteImprover, RemoteScaffold
from evolve.genome.shown import MOST_SHOWN
from evolve.scaffold.base import Draft, MetaEdit, MetaView, OutcomeView, Prompt, ScoredView

Remote = Callable[..., RemoteScaffold]
Improving = Callable[..., RemoteImprover]
PROMPT = "Prompt('mutate', 'standin', (Section('task', 'text'),), 5, (5,), output=500)"
DRAFT = "Draft('edit', {'main.py': 'x = 2.0'}, (5,))"


def answer(text: str) -> Completion:
    return Completion(text, Finish.STOP, "standin")


def outcome(number: int) -> OutcomeView:
    return OutcomeView(number, "edit", "t", (0,), 0, Status.VALID, Outcome.NEW_CELL, 1.0, 0.5)


def scored(number: int = 7) -> ScoredView:
    return ScoredView(number, 0, "mutate", "", "larger", "standin", {}, {}, Status.VALID, 1.5, None, 1.0, "")


def refused(made: RemoteScaffold, models: bool = True) -> EditError:
    with pytest.raises(EditError) as caught:
        made.propose(view(models=(MODEL,) if models else ()))
    return caught.value


@pytest.mark.parametrize("process", [False, True])
def test_it_proposes_asks_on_and_learns(remote: Remote, process: bool) -> None:
    made = remote(process=process)
    assert made.propose(view(4)) == Draft("edit", {"main.py": "x = 4.5\n"}, (5,), tag="t", idea="larger")
    for number in (0, 1):
        made.observe(outcome(number))
    question = made.propose(view(models=(MODEL,)))
    assert isinstance(question, Prompt)
    assert question.messages()[0].text == "seen [0, 1], make x = 5.0\n larger"
    further = made.parse(question, {"main.py": SEED}, answer("again"))
    assert isinstance(further, Prompt)
    assert further.turn == 1
    assert made.parse(further, {"main.py": SEED}, answer("x = 9\n")) == Draft("mutate", {"main.py": "x = 9\n"}, (5,))
    with pytest.raises(EditError, match="no text") as caught:
        made.parse(further, {"main.py": SEED}, answer("nothing"))
    assert caught.value.status is Status.EMPTY
    assert made.amend(question, {"main.py": SEED}, answer(""), Status.EMPTY, "no text") is None
    assert made.reflect(scored(), [Message(Role.USER, "q"), Message(Role.ASSISTANT, "a")]) == "larger gave 1.5"
    assert made.pins() == {1}
    assert made.snapshot() == {"seen": [0, 1]}
    assert not made.faults


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (PROMPT.replace("5, (5,)", "5, (5, 99)"), "forged", "candidate 99 in parents"),
        (PROMPT.replace("5, (5,)", "77, (5,)"), "forged", "candidate 77 in base"),
        (PROMPT.replace("(5,)", "(5,), (44,)"), "forged", "candidate 44 in inspirations"),
        (PROMPT.replace("standin", "openai/dearest"), "forged", "'openai/dearest', which it was not offered"),
        (PROMPT.replace("output=500", "output=9000"), "forged", "9,000 tokens; it can give 4,000"),
        (PROMPT.replace("output=500", "turn=1"), "turn", "turn 1 where turn 0 is next"),
        (PROMPT.replace("'text'", "'x' * 500000"), "too_long", "500,004 characters"),
        (PROMPT.replace("'text'", "''").replace("'task'", "''"), "malformed", "without any text"),
        (PROMPT.replace("output=500", "temperature=9.0"), "malformed", "temperature 9"),
        (PROMPT.replace("output=500", "output=0"), "malformed", "answer of 0 tokens"),
        (PROMPT.replace("output=500", "step='a\\nb'"), "malformed", "a plain word"),
        (PROMPT.replace("output=500", "tag='x' * 201"), "too_long", "a tag of 201"),
        (DRAFT.replace("(5,)", "(5,), idea='x' * 501"), "too_long", "an idea of 501"),
        (DRAFT.replace("(5,)", "tuple(range(99))"), "too_long", "99 parents"),
        (DRAFT.replace("(5,)", "(6,)"), "forged", "candidate 6 in parents"),
        (DRAFT.replace("'x = 2.0'", "'x' * 2000000"), "too_long", "a program of 2,000,007"),
        (DRAFT.replace("'edit'", "'\\x1b[2J'"), "malformed", "a short plain name"),
        (DRAFT.replace("(5,)", "('5',)"), "malformed", "ok.parents[0] is '5', not a whole number"),
        (DRAFT.replace("(5,)", "(True,)"), "malformed", "ok.parents[0] is True, not a whole number"),
        ("MetaEdit({}, 'i', Prediction('area', 'up'))", "malformed", "ok.kind is 'edit', not a draft or a prompt"),
        ("{'score': 1e9}", "malformed", "ok.kind is None"),
        ("None", "malformed", "ok is None"),
    ],
)
def test_a_proposal_that_cannot_be_is_a_failure_and_counted(remote: Remote, reply: str, kind: str, words: str) -> None:
    made = remote(changed("propose(self, view)", f"return {reply}"))
    error = refused(made)
    assert words in str(error)
    assert error.status is Status.NO_EDIT
    assert made.faults == {kind: 1}


def test_only_statuses_of_proposals_can_be_given_as_a_reason(remote: Remote) -> None:
    made = remote(changed("propose(self, view)", "raise EditError(Status.VALID, 'score 1e9')"))
    assert "which only a program that was run can get" in str(refused(made))
    assert made.faults == {"malformed": 1}
    honest = remote(changed("propose(self, view)", "raise EditError(Status.DUPLICATE, 'x' * 9000)"))
    error = refused(honest)
    assert (error.status, len(str(error))) == (Status.DUPLICATE, 2000)
    assert not honest.faults


def test_a_manifest_that_asks_for_no_models_gets_none(remote: Remote) -> None:
    drafting = Genome.of({**genome().files, "scaffold.toml": f'{MANIFESTED}capabilities = ["drafts"]\n'})
    assert '"models"' in str(refused(remote(drafting)))
    asking = Genome.of({**genome().files, "scaffold.toml": f'{MANIFESTED}capabilities = ["models"]\n'})
    assert '"drafts"' in str(refused(remote(asking), models=False))


MANIFESTED = genome().files["scaffold.toml"]


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ("replace(prompt, turn=2)", "turn 2 where turn 1 is next"),
        ("replace(prompt, turn=1, model='other')", "another model"),
        ("replace(prompt, turn=1, base=3)", "another candidate"),
        ("replace(prompt, turn=1, parents=(3,))", "candidate 3 in parents"),
        ("Draft('mutate', {'main.py': ''}, (3,))", "candidate 3 in parents"),
        ("Draft('mutate', {'main.py': ''}, (5,), (2,))", "candidate 2 in inspirations"),
    ],
)
def test_a_conversation_goes_on_where_it_stands(remote: Remote, reply: str, words: str) -> None:
    made = remote(changed("parse(self, prompt, base, answer)", f"return {reply}"))
    question = made.propose(view(models=(MODEL,)))
    assert isinstance(question, Prompt)
    with pytest.raises(EditError, match=words):
        made.parse(question, {"main.py": SEED}, answer("x"))
    endless = remote(
        changed("amend(self, prompt, base, answer, status, reason)", "return replace(prompt, turn=prompt.turn + 1)")
    )
    for turn in range(15):
        amended = endless.amend(replace(question, turn=turn), {}, answer(""), Status.EMPTY, "")
        assert amended is not None
        assert amended.turn == turn + 1
    assert endless.amend(replace(question, turn=15), {}, answer(""), Status.EMPTY, "") is None
    assert endless.faults == {"turn": 1}


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ("'x' * 2001", "too_long"),
        ("Prompt('mutate', 'standin', (Section('a', 'b'),), 7, (), turn=5)", "turn"),
        ("Prompt('mutate', 'dear', (Section('a', 'b'),), 7, (), turn=1)", "forged"),
        ("Prompt('mutate', 'standin', (Section('a', 'b'),), 8, (), turn=1)", "forged"),
        ("7", "malformed"),
    ],
)
def test_a_lesson_that_cannot_be_is_none(remote: Remote, reply: str, kind: str) -> None:
    made = remote(changed("reflect(self, scored, history)", f"return {reply}"))
    assert made.reflect(scored(), [Message(Role.USER, "q"), Message(Role.ASSISTANT, "a")]) == ""
    assert made.faults == {kind: 1}


@pytest.mark.parametrize(
    ("body", "kind"),
    [("return frozenset(range(65))", "too_long"), ("return frozenset([99])", "forged"), ("return 'all'", "malformed")],
)
def test_pins_that_cannot_be_are_none(remote: Remote, body: str, kind: str) -> None:
    made = remote(changed("pins(self)", body))
    made.observe(outcome(0))
    assert made.pins() == frozenset()
    assert made.pins() == frozenset()
    assert made.faults == {kind: 1}


def test_a_snapshot_is_small(remote: Remote) -> None:
    made = remote(changed("snapshot(self)", "return {'all': 'x' * 70000}"))
    assert made.snapshot() == {}
    assert made.faults == {"too_long": 1}


def test_a_process_that_ends_is_started_again_and_told_everything(remote: Remote, tmp_path: Path) -> None:
    crashing = "if view.number == 13:\n    raise SystemExit\nreturn Draft('edit', {'main.py': str(self.seen)}, (5,))"
    made = remote(changed("propose(self, view)", crashing), process=True)
    for number in range(1200):
        made.observe(outcome(number))
    with pytest.raises(EditError, match="failed at propose"):
        made.propose(view(13))
    assert made.propose(view(14)) == Draft("edit", {"main.py": str(list(range(1200)))}, (5,))
    for _ in range(5):
        with pytest.raises(EditError):
            made.propose(view(13))
    with pytest.raises(EditError, match="ended 4 times and is not started again"):
        made.propose(view(14))
    assert made.pins() == frozenset()
    assert made.faults == {"crash": 4, "gone": 3}


def test_two_runs_share_nothing(remote: Remote) -> None:
    first, second = remote(process=True), remote(process=True)
    first.observe(outcome(3))
    assert first.snapshot() == {"seen": [3]}
    assert second.snapshot() == {"seen": []}


def test_an_answer_that_comes_too_late_is_none(remote: Remote) -> None:
    slow = SMALL.replace(
        "        if not view.models:",
        "        import time; time.sleep(5 if view.number == 1 else 0)\n        if not view.models:",
    )
    made = remote(genome(slow, f"{MANIFESTED}[limits]\nseconds = 0.2\n"), process=True)
    with pytest.raises(EditError, match=r"no answer within 0\.2 s"):
        made.propose(view(1))
    assert made.propose(view(2)).operator == "edit"
    assert made.faults == {"late": 1}


def test_one_that_does_not_even_load_is_a_failure_of_every_proposal(remote: Remote) -> None:
    made = remote(genome("import nowhere\n"), process=True)
    assert "failed at init" in str(refused(made))
    assert made.faults == {"crash": 1}


def test_a_line_on_standard_output_is_no_reply(remote: Remote) -> None:
    made = remote(changed("propose(self, view)", 'print(\'{"id": 3, "ok": 1}\')\n' + f"return {DRAFT}"), process=True)
    assert made.propose(view()).operator == "edit"


def test_what_no_line_can_carry_is_left_out_worst_first(remote: Remote) -> None:
    long = "x = 1\n" * (MOST_SHOWN // 7 // 4)
    elites = tuple(replace(ELITES[0], number=n, files={"main.py": f"{long}# {n}\n"}) for n in range(20))
    made = remote(
        changed("propose(self, view)", "return Draft('edit', {'main.py': str([e.number for e in view.elites])}, (0,))")
    )
    proposed = made.propose(replace(view(), elites=elites, best=elites[0]))
    assert proposed.files == {"main.py": "[0, 1, 2]"}


def test_an_improver_edits_and_is_held_to_its_question(improver: Improving) -> None:
    shown = MetaView("s", {"small.py": "x"}, (MODEL,))
    made = improver()
    question = made.meta_propose(shown)
    edit = made.meta_parse(question, shown.files, answer("y = 1\n"))
    assert isinstance(edit, MetaEdit)
    assert edit.files == {"small.py": "y = 1\n"}
    assert not made.faults


_ASK, _READ = "meta_propose(self, view)", "meta_parse(self, prompt, files, answer)"


@pytest.mark.parametrize(
    ("method", "reply", "kind"),
    [
        (_ASK, f"return {PROMPT}", "forged"),
        (_ASK, f"return {DRAFT}", "malformed"),
        (_READ, "return MetaEdit({}, 'i' * 501, Prediction('area', 'up'))", "too_long"),
        (_READ, "return MetaEdit({}, 'i', Prediction('wealth', 'up'))", "malformed"),
        (_READ, "return MetaEdit({'a': 'x' * 10**7}, 'i', Prediction('area', 'up'))", "too_long"),
        (_READ, "return replace(prompt, turn=3)", "turn"),
        (_READ, "return replace(prompt, turn=1, model='x')", "forged"),
    ],
)  # fmt: skip
def test_an_improver_that_oversteps_is_counted(improver: Improving, method: str, reply: str, kind: str) -> None:
    made = improver(changed(method, reply))
    shown = MetaView("s", {"small.py": "x"}, (MODEL,))
    with pytest.raises(EditError):
        made.meta_parse(made.meta_propose(shown), shown.files, answer("y"))
    assert made.faults == {kind: 1}


def test_a_process_outlives_nobody(remote: Remote) -> None:
    chosen = genome()
    lines = ProcessLines(chosen)
    made = RemoteScaffold(lines, manifest_of(chosen), TASK, {})
    made.propose(view())
    folder = lines._folder
    assert folder is not None
    assert (folder / "evolve" / "scaffold" / "small.py").is_file()
    made.close()
    made.close()
    assert not folder.exists()
