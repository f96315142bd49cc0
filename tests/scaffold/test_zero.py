"""Scaffold zero as a whole: who makes which proposal, what a question carries, and what is learnt from its outcome."""

import time
from collections import Counter
from dataclasses import replace

import pytest
from scaffold_run import elite, task

from evolve.domain import Completion, Finish, Outcome, Status
from evolve.errors import EditError
from evolve.scaffold.base import Draft, FailureView, ModelView, OutcomeView, PendingView, Prompt, SearchView
from evolve.scaffold.builtin import BuiltinProposer
from evolve.scaffold.polish import MOST
from evolve.scaffold.tags import Note, read, short_name
from evolve.scaffold.zero import ScaffoldZero, ZeroSettings

CODE = '''"""Numbers to improve."""


def f(x):
    return {a} * x + {b}
'''
ELITES = tuple(
    replace(elite(n, CODE.format(a=1.5 + n, b=0.25), -float(n)), cell=n, idea=f"idea {n}") for n in range(10)
)
MODELS = (ModelView("one/big", 1.0, 4.0), ModelView("two/small", 0.1, 0.4))
NAMES = tuple(model.name for model in MODELS)


def scaffold(**settings):
    return ScaffoldZero(task(CODE.format(a=1.0, b=0.0)), ZeroSettings(**{"models": NAMES, **settings}))


def view(number=1, models=MODELS, **more):
    return SearchView(number, f"t:{number}", 0, ELITES, (), ELITES[0], models=models, **more)


def outcome(number, note=None, operator="mutate", gain=1.0, **more):
    score = None if gain is None else -1.0 + gain
    kept = Outcome.REJECTED if gain is None else Outcome.NEW_CELL if gain > 0 else Outcome.NOT_ADDED
    status = Status.CRASH if gain is None else Status.VALID
    tag = (note or Note(short_name(NAMES[0]), "diff")).tag()
    told = OutcomeView(number, operator, tag, (0,), 0, status, kept, score, -1.0, model=NAMES[0], cost=0.01, tokens=900)
    return replace(told, **more)


def word(number):
    return "".join("abcdefghij"[int(digit)] for digit in f"{number:05d}")


def kinds(made, numbers=range(1, 301), **how):
    """What is proposed for many numbers: `prompt`, `tune` or `edit`."""
    counts = Counter()
    for number in numbers:
        proposed = made.propose(view(number, **how))
        counts["prompt" if isinstance(proposed, Prompt) else "tune" if proposed.operator == "tune" else "edit"] += 1
    return counts


def test_without_models_it_is_the_built_in_proposer_to_the_letter():
    zero, builtin = scaffold(models=()), BuiltinProposer(task(CODE.format(a=1.0, b=0.0)))
    for number in range(60):
        assert zero.propose(view(number, models=())) == builtin.propose(view(number, models=()))
    assert zero.snapshot() == builtin.snapshot()


def test_with_models_all_proposals_are_questions_to_all_of_them():
    made = scaffold()
    prompts = [made.propose(view(number)) for number in range(1, 200)]
    assert all(isinstance(prompt, Prompt) for prompt in prompts)
    assert {made.propose(view(number, MODELS[:1])).model for number in range(20)} == {NAMES[0]}
    assert len({prompt.operator for prompt in prompts}) >= 4


def test_the_built_in_share_is_kept_and_divided_as_always_between_editing_and_tuning():
    counts = kinds(scaffold(builtin=0.3), range(1, 601))
    assert counts["edit"] + counts["tune"] == pytest.approx(180, abs=12)
    assert counts["tune"] == pytest.approx(0.4 * 180, abs=15)


def test_when_all_models_are_busy_only_the_built_in_share_goes_on():
    made = scaffold(builtin=0.3)
    own = [number for number in range(1, 201) if isinstance(made.propose(view(number)), Draft)]
    assert len(own) == pytest.approx(60, abs=8)
    for number in range(1, 201):
        if number in own:
            assert isinstance(made.propose(view(number, models=())), Draft)
        else:
            with pytest.raises(EditError) as caught:
                made.propose(view(number, models=()))
            assert caught.value.status is Status.NO_EDIT


def test_somebody_who_is_none_of_the_runs_models_always_gets_a_question():
    person = (ModelView("a person"),)
    for made in (scaffold(models=()), scaffold(builtin=1.0)):
        made.observe(outcome(5))
        prompts = [made.propose(view(number, person)) for number in range(1, 30)]
        assert {prompt.model for prompt in prompts} == {"a person"}


def test_a_new_elite_of_a_model_gets_its_tuning_evaluations_before_anything_else():
    made = scaffold(tuned=3)
    made.observe(outcome(5))
    assert made.pins() == {5}
    pinned = {5: ELITES[5]}
    pending: list[PendingView] = []
    for number in range(20, 23):
        draft = made.propose(view(number, models=(), pinned=pinned, pending=tuple(pending)))
        assert isinstance(draft, Draft)
        assert (draft.operator, draft.parents) == ("tune", (5,))
        pending.append(PendingView(number, draft.operator, draft.tag, draft.parents))
    assert len({point.tag for point in pending}) == 3
    assert isinstance(made.propose(view(23, pinned=pinned, pending=tuple(pending))), Prompt)
    for point in pending:
        done = OutcomeView(point.number, "tune", point.tag, (5,), 0, Status.VALID, Outcome.NOT_ADDED, -9.0, -5.0)
        made.observe(done)
    assert isinstance(made.propose(view(24, pinned=pinned)), Prompt)


def test_islands_are_not_mixed_by_tuning_while_models_are_free():
    made = scaffold()
    made.observe(outcome(5))
    foreign = {5: replace(ELITES[5], island=3)}
    assert isinstance(made.propose(view(20, pinned=foreign)), Prompt)
    assert isinstance(made.propose(view(20, pinned=foreign, models=())), Draft)


@pytest.mark.parametrize("told", [outcome(5, gain=-1.0), outcome(5, gain=None)])
def test_what_is_no_elite_is_not_tuned(told):
    made = scaffold()
    made.observe(told)
    assert made.pins() == frozenset()


def test_no_tuning_when_none_is_wanted():
    made = scaffold(tuned=0)
    made.observe(outcome(5))
    assert made.pins() == frozenset()


def test_never_more_is_pinned_than_a_scaffold_may():
    made = scaffold(tuned=64)
    for number in range(1, 200):
        made.observe(outcome(number))
        tag = f"tune:{number}:2:abcdefabcd:p0.0+"
        made.observe(OutcomeView(1000 + number, "tune", tag, (number,), 0, Status.VALID, Outcome.NOT_ADDED, -9.0, -1.0))
        assert len(made.pins()) <= 64
    assert len(made.pins()) >= MOST


def test_an_elite_that_cannot_be_tuned_does_not_stay_pinned():
    made = scaffold()
    made.observe(outcome(5))
    for number in range(6, 300):
        made.observe(outcome(number, gain=-1.0))
    assert made.pins() == frozenset()


def test_the_end_of_a_run_is_for_simplifying():
    draft = scaffold().propose(view(7, final=True))
    assert isinstance(draft, Draft)
    assert draft.operator == "simplify"


def test_a_question_says_what_its_outcome_is_to_be_credited_to():
    made = scaffold()
    for number in range(1, 30):
        made.observe(outcome(number, gain=-1.0, lesson=f"Tried: {word(number)} for an idea; no better"))
    prompt = made.propose(view(50))
    note = read(prompt.tag)
    assert note is not None
    assert note.by == short_name(prompt.model)
    assert note.form == prompt.form
    assert len(note.lessons) == 5
    assert len(prompt.tag) <= 160  # the conversation appends to it
    assert any(section.name == "lessons" for section in prompt.sections)


def test_lessons_that_were_not_shown_for_want_of_room_get_no_credit():
    long = tuple(replace(one, files={"main.py": one.files["main.py"] + "# text\n" * 150}) for one in ELITES)
    made = scaffold(prompt_tokens=1_400)
    for number, text in enumerate(["alpha " * 60, "beta " * 60, "gamma " * 60]):
        made.observe(outcome(number, gain=-1.0, lesson=text))
    found = set()
    for number in range(40):
        prompt = made.propose(replace(view(number), elites=long[: 1 + number % 10]))
        told = any(section.name == "lessons" for section in prompt.sections)
        assert bool(read(prompt.tag).lessons) == told
        found.add(told)
    assert False in found


def failure(number, operator="mutate", status=Status.CRASH, parents=(3,)):
    return FailureView(number, {"main.py": CODE.format(a=9, b=9)}, status, "NameError: y", parents, operator, "an idea")


def repairs(made, failures, pending=()):
    """The failed programs that are repaired in many proposals, with their first parents."""
    views = [view(number, failures=tuple(failures), pending=pending) for number in range(1, 200)]
    prompts = [made.propose(one) for one in views]
    return {(prompt.base, prompt.parents[0]) for prompt in prompts if prompt.operator == "repair"}


def test_a_failed_program_of_a_model_is_repaired_for_the_credit_of_its_parent():
    assert repairs(scaffold(), [failure(70)]) == {(70, 3)}


def test_nothing_is_repaired_twice_nor_what_a_repair_cannot_help():
    made = scaffold()
    hopeless = [
        failure(70, operator="wrap_idiom"),
        failure(71, operator="repair"),
        failure(72, status=Status.SUSPECT),
        failure(73, parents=(999,)),
        failure(74, parents=()),
    ]
    assert repairs(made, hopeless) == set()
    under_way = PendingView(90, "repair", Note("abcdef", "diff", fixes=75).tag(), (3,))
    assert repairs(made, [failure(75)], (under_way,)) == set()
    made.observe(outcome(90, Note("abcdef", "diff", fixes=75), "repair", gain=None))
    assert repairs(made, [failure(75)]) == set()
    assert repairs(made, [failure(76), failure(75)]) == {(76, 3)}


def test_a_baseline_uses_nothing_that_was_learnt():
    fresh, taught = scaffold(), scaffold()
    for number in range(100):
        taught.observe(
            outcome(number, Note("abcdef", "diff"), "plan", lesson=f"a lesson of {'abcdefghij'[number % 10]}")
        )
    for number in range(1, 40):
        asked = view(number, blank=True, pinned={99: ELITES[9]})
        assert taught.propose(asked) == fresh.propose(asked)
    operators = Counter(taught.propose(view(number, blank=True)).operator for number in range(300))
    assert min(operators.values()) > 300 / len(operators) / 2
    alone = scaffold(models=())
    drafts = [alone.propose(view(number, models=(), blank=True)) for number in range(40)]
    assert all(draft.operator != "tune" for draft in drafts)


def test_best_of_n_needs_but_the_seed():
    blank = SearchView(5, "n:5", 0, ELITES[:1], (), ELITES[0], models=MODELS, blank=True)
    made = scaffold()
    operators = {made.propose(replace(blank, seed=f"n:{number}")).operator for number in range(100)}
    assert not operators & {"crossover", "repair"}


def test_what_pays_is_asked_more_often():
    made = scaffold()
    for number in range(300):
        won = number % 2 == 0 and number % 3 == 0
        operator = "rewrite" if number % 2 == 0 else "mutate"
        made.observe(outcome(number, operator=operator, gain=1.0 if won else -1.0, model=NAMES[number // 2 % 2]))
    prompts = [made.propose(view(number)) for number in range(1000, 1200)]
    counts = Counter(prompt.operator for prompt in prompts)
    assert counts["rewrite"] > 3 * counts["mutate"]


def test_parents_are_good_and_differ_and_a_crossover_has_two():
    made = scaffold()
    prompts = [made.propose(view(number)) for number in range(1, 300)]
    firsts = Counter(prompt.parents[0] for prompt in prompts)
    assert len(firsts) == 10
    assert firsts[0] == max(firsts.values())
    for prompt in prompts:
        assert len(prompt.parents) == (2 if prompt.operator == "crossover" else 1)
        assert not set(prompt.parents) & set(prompt.inspirations)


def test_the_same_view_gives_the_same_question_in_another_scaffold_told_the_same():
    one, other = scaffold(builtin=0.2), scaffold(builtin=0.2)
    for number in range(200):
        note = Note(short_name(NAMES[number % 2]), "diff", (number // 2,))
        told = outcome(
            number, note, ("mutate", "plan")[number % 2], 1.0 - number % 3, lesson=f"word{'abcdefg'[number % 7]}"
        )
        one.observe(told)
        other.observe(told)
        one.propose(view(number, failures=(failure(70),)))
    for number in range(300, 340):
        asked = view(number, failures=(failure(70),), pinned={n: ELITES[n] for n in range(10)})
        assert one.propose(asked) == other.propose(asked)
    assert one.snapshot() == other.snapshot()
    assert one.pins() == other.pins()


def test_an_answer_becomes_a_draft_that_carries_its_note():
    made = scaffold(form="whole")
    prompt = made.propose(view(3, models=MODELS[:1]))
    base = dict(next(one.files for one in ELITES if one.number == prompt.base))
    changed = CODE.format(a=7.5, b=0.125)
    answer = Completion(f"Idea: other numbers.\n\n```python\n{changed}```\n", Finish.STOP, NAMES[0])
    if prompt.step == "plan":
        prompt = made.parse(prompt, base, Completion("Idea: other numbers. First ...", Finish.STOP, NAMES[0]))
    draft = made.parse(prompt, base, answer)
    assert isinstance(draft, Draft)
    assert draft.files == {"main.py": changed}
    note = read(draft.tag)
    assert note.by == read(prompt.tag).by
    assert note.step
    assert "other numbers" in draft.idea


def test_a_snapshot_shows_people_what_was_learnt():
    made = scaffold()
    made.observe(outcome(5, lesson="Tried: alpha; improved"))
    learnt = made.snapshot()
    assert learnt["arms"][f"{NAMES[0]} mutate"]["pulls"] == 1
    assert learnt["lessons"][0]["text"] == "Tried: alpha; improved"
    assert NAMES[0] in learnt["malformed"]


def test_a_question_costs_little_beyond_its_rendering():
    long = CODE.format(a=1.5, b=2.5) + "\n".join(f"x{line} = {line} * 2" for line in range(95))
    elites = tuple(
        replace(elite(n, f"{long}\n# {n}\n", -float(n)), cell=n, feedback="far off " * 20) for n in range(48)
    )
    made = scaffold()
    for number in range(600):
        text = " ".join(f"w{chr(97 + number * k % 26)}{chr(97 + number // 26)}" for k in range(1, 20))
        made.observe(outcome(number, gain=-1.0, lesson=f"Tried: {text}"))
    times = []
    for number in range(100):
        start = time.process_time()
        made.propose(SearchView(number, f"p:{number}", 0, elites, (), elites[0], models=MODELS))
        times.append(time.process_time() - start)
    assert sorted(times)[50] < 0.015  # 2 ms with the rendering on an idle machine


def test_an_outcome_with_a_lesson_is_taken_in_about_a_tenth_of_a_millisecond():
    made = scaffold()
    note = Note("abcdef", "diff", (1, 2, 3, 4, 5), level="exact", step="edit")
    told = [
        outcome(
            number, note, gain=(-1.0, 1.0)[number % 10 == 0], lesson=f"{word(number)} {word(number // 7)}, as tried"
        )
        for number in range(10_000)
    ]
    start = time.process_time()
    for one in told:
        made.observe(one)
    assert time.process_time() - start < 10_000 * 0.0003  # three times that, for a machine that is busy
