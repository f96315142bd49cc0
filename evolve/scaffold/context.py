"""What a model is told before it is asked: sections from stable to volatile, within a budget of tokens.

The system message depends on the task and the form of the answer alone, so it is byte for byte the same in all prompts
of a run that ask for one form, and the two forms share all of it but its last section. Everything that changes from
candidate to candidate comes after it: lessons, other programs, failures, the program to edit, and the task last.

When a prompt is too long, sections are left out by `Section.drop`, the highest first and of equals the one farthest
from the task; the statement, the program to edit with its score (and the error to repair), a crossover's mate and the
task never are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from evolve.domain import Role
from evolve.scaffold import evidence, listing, wording
from evolve.scaffold.base import EliteView, ModelView, Section, TaskView
from evolve.scaffold.occasion import Occasion
from evolve.scaffold.regions import editable_spans
from evolve.scaffold.templates import render
from evolve.scaffold.tokens import clipped, estimate

FIXED_SHARE = 1 / 4
"""The most of a prompt's budget that goes to files which never change; what is longer loses its middle."""

ANSWER_ROOM = 4_000
THINKING_ROOM = 12_000
"""Tokens of an answer for all but the edit itself: prose and thinking in the open, and hidden thinking of a reasoning
model. A cut answer is paid for and lost, while room that is not used is only reserved for as long as the call lasts."""

WHOLE_FACTOR, DIFF_FACTOR = 2.0, 1.25
"""Room for the edit by the length of the editable text: a whole program may grow to twice its length; the blocks of a
diff hold changed lines twice, and the same room must do for the whole text if a diff cannot be applied."""

_MARGIN = 256
"""Tokens of a context window left alone: what a provider wraps around messages."""


def answer_room(model: ModelView, task: TaskView, files: Mapping[str, str], form: str) -> int:
    """Most tokens of an answer: what a call's money is reserved for. Never over half the context window."""
    editable = sum(estimate(listing.region_text(files[path])) for path in listing.editable_paths(task, files))
    factor = WHOLE_FACTOR if form == "whole" else DIFF_FACTOR
    wanted = ANSWER_ROOM + (THINKING_ROOM if model.reasoning else 0) + int(factor * editable)
    return max(min(wanted, model.output, model.context // 2), 1)


def sections(
    occasion: Occasion,
    subject: Iterable[Section],
    task: str,
    *,
    form: str,
    output: int,
    mates: tuple[EliteView, ...] = (),
) -> tuple[Section, ...]:
    """A whole prompt: the stable part, what was learnt, the `subject` to edit, and the `task` last.

    `mates` are shown right before the subject and never left out; `output` is kept free of the context window.
    """
    room = min(occasion.tokens, occasion.model.context - output - _MARGIN)
    together = {mate.number for mate in mates}
    others = [elite for elite in occasion.inspirations if elite.number not in together]
    return fit(
        (
            *system(occasion.task, form, occasion.tokens),
            *evidence.lessons(occasion.lessons),
            *evidence.failures(failure for failure in occasion.failures if failure != occasion.failure),
            # The best last: what stands nearest to the task is read best.
            *(evidence.inspiration(occasion.task, elite) for elite in sorted(others, key=lambda elite: elite.score)),
            *(evidence.inspiration(occasion.task, mate, drop=0) for mate in mates),
            *subject,
            Section("task", task),
        ),
        room,
    )


def fit(given: Iterable[Section], tokens: int) -> tuple[Section, ...]:
    """The sections that fit: as long as they are too long together, one more is left out."""
    kept = list(given)
    lengths = {id(section): estimate(section.text) + 2 for section in kept}
    total = sum(lengths.values())
    while total > tokens:
        loose = [section for section in kept if section.drop > 0]
        if not loose:
            break
        first = max(loose, key=lambda section: section.drop)
        kept = [section for section in kept if section is not first]
        total -= lengths[id(first)]
    return tuple(kept)


def system(task: TaskView, form: str, tokens: int) -> tuple[Section, ...]:
    """The stable part: the statement, the goal, what may be edited, fixed files, and the form of an answer."""
    marked = listing.marked(task)
    about = render(
        "parts/system",
        name=task.name,
        statement=task.statement.strip(),
        objective=task.objective,
        better=wording.better(task),
        unit=task.unit,
        files=[{"path": path, "marked": path in marked} for path in task.editable],
        added=listing.added_globs(task),
        language=task.language,
        seconds=f"{task.seconds:g}" if task.seconds else "",
        memory=wording.size(task.memory),
    )
    texts = [about, *_fixed(task, tokens), answer_form(task, form)]
    return tuple(Section(f"system {i}", text, Role.SYSTEM, stable=True) for i, text in enumerate(texts))


def answer_form(task: TaskView, form: str) -> str:
    """How an answer of this form must look."""
    if form == "diff":
        return render("parts/diff", path=task.entry, added=bool(listing.added_globs(task)))
    marked = listing.marked(task)
    return render(
        "parts/whole",
        path=task.entry,
        info=listing.info(task.entry),
        marked=bool(marked),
        several=any(len(editable_spans(task.seed_files[path])) > 1 for path in marked),
    )


def answer_reminder(form: str) -> str:
    """One sentence for the end of a question, where it is followed best."""
    what = "SEARCH/REPLACE blocks" if form == "diff" else "the complete new text of every file you change"
    return f"Answer with a line `Idea: <one sentence>` and then {what}, in the form described above."


def shown(kept: Iterable[Section], numbers: Iterable[int]) -> tuple[int, ...]:
    """Which of these candidates are still among the inspirations of a prompt that was fitted."""
    names = {section.name for section in kept}
    return tuple(number for number in numbers if f"inspiration {number}" in names)


def _fixed(task: TaskView, tokens: int) -> list[str]:
    """The files that never change, which every candidate has; equally shortened when they are long."""
    paths = listing.fixed_paths(task)
    if not paths:
        return []
    each = int(tokens * FIXED_SHARE / len(paths))
    blocks = [listing.block(path, clipped(task.seed_files[path], each)) for path in paths]
    return [render("parts/fixed", files="\n\n".join(blocks))]
