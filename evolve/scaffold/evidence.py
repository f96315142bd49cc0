"""What a prompt tells of candidates, lessons and failures: one section each, in the words of `wording`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from evolve.scaffold import listing, wording
from evolve.scaffold.base import EliteView, FailureView, Section, TaskView
from evolve.scaffold.occasion import Lesson
from evolve.scaffold.templates import fenced, render
from evolve.scaffold.tokens import clipped

DROP_ARTIFACT, DROP_FAILURES, DROP_INSPIRATION, DROP_LESSONS, DROP_METRICS, DROP_FEEDBACK = 6, 5, 4, 3, 2, 1
"""`Section.drop`: the order in which sections are left out of a prompt that is too long, the highest first."""

FEEDBACK_SHARE = 1 / 16
ARTIFACT_SHARE = 1 / 32
"""The most that feedback, and one artifact, may take of a prompt's budget; what is longer loses its middle."""

MOST_ARTIFACTS = 6
MOST_METRICS = 24
IDEA_CHARACTERS = 300
"""How much is shown of one candidate."""


def lessons(known: Iterable[Lesson]) -> tuple[Section, ...]:
    """What was learnt, as one section: what helped and what did not."""
    told = list(known)
    if not told:
        return ()
    helped = [lesson for lesson in told if lesson.helped]
    failed = [lesson for lesson in told if not lesson.helped]
    return (Section("lessons", render("parts/lessons", helped=helped, failed=failed), drop=DROP_LESSONS),)


def failures(failed: Iterable[FailureView]) -> tuple[Section, ...]:
    """What was tried and failed, and why, as one section."""
    told = [
        {
            "number": failure.number,
            "origin": wording.origin(failure.operator, failure.parents),
            "idea": _sentence(failure.idea),
            "why": wording.failure(failure.status, failure.feedback),
        }
        for failure in failed
    ]
    return (Section("failures", render("parts/failures", failures=told), drop=DROP_FAILURES),) if told else ()


def inspiration(task: TaskView, elite: EliteView, drop: int = DROP_INSPIRATION) -> Section:
    """Another program with its score; of files with EVOLVE-BLOCK lines only what is between them."""
    text = render(
        "parts/inspiration",
        number=elite.number,
        score=wording.score_line(task, elite),
        idea=wording.line(elite.idea, IDEA_CHARACTERS),
        metrics=", ".join(f"{name} {value}" for name, value in _metrics(task, elite)[:MOST_METRICS]),
        code=listing.code_of_regions(task, elite.files),
    )
    return Section(f"inspiration {elite.number}", text, drop=drop)


def parent(task: TaskView, elite: EliteView, tokens: int) -> tuple[Section, ...]:
    """The program to edit: score, metrics, feedback, artifacts and its code last; `tokens` is the prompt's budget."""
    about = render(
        "parts/parent",
        number=elite.number,
        score=wording.score_line(task, elite),
        idea=wording.line(elite.idea, IDEA_CHARACTERS),
    )
    return (
        Section("parent", about),
        *_metrics_section(task, elite),
        *_feedback(elite.number, elite.feedback, tokens),
        *_artifacts(elite, tokens),
        code(task, elite.number, elite.files),
    )


def failed(task: TaskView, failure: FailureView, known: Mapping[int, EliteView], tokens: int) -> tuple[Section, ...]:
    """The program to repair: its error, what it changed of a working parent among the `known`, and its code."""
    about = render(
        "parts/failed",
        number=failure.number,
        origin=f"by {wording.origin(failure.operator, failure.parents)}",
        why=wording.failure(failure.status, ""),
        idea=wording.line(failure.idea, IDEA_CHARACTERS),
        error=quoted(failure.feedback, int(tokens * FEEDBACK_SHARE)),
    )
    changed = [_changed(task, failure, known[number], tokens) for number in failure.parents[:1] if number in known]
    return (Section("failed", about), *changed, code(task, failure.number, failure.files))


def code(task: TaskView, number: int, files: Mapping[str, str]) -> Section:
    """All editable files of the program to edit, in full."""
    return Section("code", render("parts/code", number=number, code=listing.code(task, files)))


def quoted(text: str, tokens: int) -> str:
    """What a program or its evaluation said, shortened, in a code block; "" when it said nothing."""
    return fenced(clipped(text.strip(), tokens), "text") if text.strip() else ""


def comparison(task: TaskView, elite: EliteView, mate: EliteView) -> str:
    """How two programs differ in score and metrics, in two sentences."""
    told = f"By score, candidate {elite.number} is {wording.difference(task, elite, mate)}."
    theirs = dict(_metrics(task, mate))
    differing = [(name, ours, theirs[name]) for name, ours in _metrics(task, elite) if theirs.get(name, ours) != ours]
    if differing:
        pairs = ", ".join(f"{name} {ours} and {other}" for name, ours, other in differing[:MOST_METRICS])
        told += f" Their other metrics, candidate {elite.number}'s first: {pairs}."
    return told


def _metrics(task: TaskView, elite: EliteView) -> list[tuple[str, str]]:
    """All metrics but the objective, by name."""
    return [(name, wording.number(value)) for name, value in sorted(elite.metrics.items()) if name != task.objective]


def _metrics_section(task: TaskView, elite: EliteView) -> tuple[Section, ...]:
    metrics = _metrics(task, elite)
    if not metrics:
        return ()
    few = metrics[:MOST_METRICS]
    text = render("parts/metrics", number=elite.number, metrics=few, more=len(metrics) - len(few))
    return (Section("metrics", text, drop=DROP_METRICS),)


def _feedback(number: int, feedback: str, tokens: int) -> tuple[Section, ...]:
    said = quoted(feedback, int(tokens * FEEDBACK_SHARE))
    return (
        (Section("feedback", render("parts/feedback", number=number, feedback=said), drop=DROP_FEEDBACK),)
        if said
        else ()
    )


def _artifacts(elite: EliteView, tokens: int) -> list[Section]:
    made = [(name, quoted(text, int(tokens * ARTIFACT_SHARE))) for name, text in sorted(elite.artifacts.items())]
    return [
        Section(
            f"artifact {name}",
            render("parts/artifact", number=elite.number, name=wording.line(name, 80), text=text),
            drop=DROP_ARTIFACT,
        )
        for name, text in [(name, text) for name, text in made if text][:MOST_ARTIFACTS]
    ]


def _changed(task: TaskView, failure: FailureView, elite: EliteView, tokens: int) -> Section:
    paths = listing.editable_paths(task, {**elite.files, **failure.files})
    diff = clipped(listing.changes(elite.files, failure.files, paths), int(tokens * FEEDBACK_SHARE))
    score = wording.score_line(task, elite)
    text = render("parts/changed", number=failure.number, parent=elite.number, score=score, diff=fenced(diff, "diff"))
    return Section("changed", text, drop=DROP_INSPIRATION)


def _sentence(idea: str) -> str:
    told = wording.line(idea, IDEA_CHARACTERS)
    return f"{told}{'' if told.endswith(('.', '!', '?', '…')) else '.'} " if told else ""
