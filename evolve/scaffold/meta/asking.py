"""The question for a better scaffold: what a scaffold is, what was measured, earlier edits, files, and the task.

All of it within a budget of tokens: a quarter at most goes to what was measured and tried, the rest to whole files in
the order in which they bear on the weakness, and to the list of all files while there is room.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from statistics import fmean

from evolve.domain import Role, Status
from evolve.errors import EditError
from evolve.scaffold import base, listing, wording
from evolve.scaffold.base import METRICS, AttemptView, CurveView, MetaView, Prompt, Section
from evolve.scaffold.meta.checks import HOSTS, SUFFIXES
from evolve.scaffold.meta.diagnosis import Weakness
from evolve.scaffold.templates import Templates
from evolve.scaffold.tokens import clipped, estimate

PROMPTS = Templates(Path(__file__).parent / "prompts")
"""The templates of this folder."""

DROP_LIST, DROP_FEEDBACK, DROP_ATTEMPTS = 3, 2, 1
"""`Section.drop`: what is left out of a prompt that is too long, the highest first."""

ATTEMPTS_SHARE, FEEDBACK_SHARE, CURVES_SHARE = 1 / 8, 1 / 16, 1 / 8
"""The most that these may take of a prompt."""

MOST_FILES = 8
"""Whole files in one prompt: a change of one thing rarely needs more."""

MOST_ATTEMPTS = 40
"""Earlier edits told, the latest."""

_FILE = "file "
"""How sections with a file are named."""

_LINE = 300
"""Characters of an idea, an outcome or a quotation."""

_ABOUT = 90
"""Characters of what a file says it is."""

_RECORDS = (
    base.TaskView, base.SearchView, base.EliteView, base.FailureView, base.OutcomeView, base.ScoredView, base.Draft,
    base.Prompt, base.Section,
)  # fmt: skip


def sections(view: MetaView, weakness: Weakness, tokens: int) -> tuple[Section, ...]:
    """A whole prompt of at most so many tokens. Raises EditError(NO_EDIT) when not even one file fits."""
    task = Section("task", PROMPTS.render("task", weakness=weakness.said))
    kept = [_system(), *_evidence(view, tokens)]
    room = tokens - sum(_length(section) for section in (*kept, task))
    listed = Section("list", PROMPTS.render("files", files=list(_described(view.files))), drop=DROP_LIST)
    if _length(listed) <= room // 3:
        kept.append(listed)
        room -= _length(listed)
    shown = _shown(view.files, weakness.paths, room)
    if not shown:
        raise EditError(Status.NO_EDIT, f"no file of the scaffold fits into a question of {tokens:,} tokens")
    return (*kept, *shown, task)


def looked(prompt: Prompt, files: Mapping[str, str], paths: Sequence[str]) -> Prompt:
    """The question again with other files, within the same budget: what the model asked to see.

    Raises EditError(EDIT_NOT_APPLIED) when there are no such files, or no room for them.
    """
    kept = [section for section in prompt.sections if not section.name.startswith(_FILE)]
    room = budget_of(prompt.tag) - sum(_length(section) for section in kept)
    shown = _shown(files, paths, room) if any(path in files for path in paths) else []
    if not shown:
        wanted = wording.line(", ".join(paths), _LINE)
        raise EditError(Status.EDIT_NOT_APPLIED, f"{wanted} cannot be shown: no such file, or one too long for this")
    return replace(prompt, sections=(*kept[:-1], *shown, kept[-1]), turn=prompt.turn + 1, step="look")


def tag_of(tokens: int) -> str:
    """The budget of a question as its tag, for `looked`."""
    return f"tokens={tokens}"


def budget_of(tag: str) -> int:
    """What `tag_of` was given; 0 for any other tag."""
    digits = tag.removeprefix("tokens=")
    return int(digits) if digits.isdecimal() else 0


def repair(reason: str) -> str:
    """The question after an edit that could not be used."""
    return PROMPTS.render("repair", reason=reason)


def _length(section: Section) -> int:
    return estimate(section.text) + 2


def _system() -> Section:
    """What a scaffold is; the same in all prompts."""
    text = PROMPTS.render(
        "system",
        records=[f"{record.__name__}({', '.join(field.name for field in fields(record))})" for record in _RECORDS],
        hosts=", ".join(f"`{path}`" for path in HOSTS),
        metrics=", ".join(f"`{metric}`" for metric in METRICS),
        suffixes=", ".join(f"`{suffix}`" for suffix in SUFFIXES),
    )
    return Section("system", text, Role.SYSTEM, stable=True)


def _evidence(view: MetaView, tokens: int) -> Iterator[Section]:
    digest = PROMPTS.render(
        "digest",
        curves=[_curve(curve) for curve in view.curves],
        costs=_costs(view),
        operators=view.operators,
        statuses=", ".join(f"{count} {name}" for name, count in sorted(view.statuses.items())),
    )
    yield Section("curves", clipped(digest, int(tokens * CURVES_SHARE)))
    if view.feedback:
        quotes = "\n".join(f"- {wording.line(text, _LINE)}" for text in view.feedback)
        text = PROMPTS.render("feedback", quotes=clipped(quotes, int(tokens * FEEDBACK_SHARE)))
        yield Section("feedback", text, drop=DROP_FEEDBACK)
    if view.attempts:
        yield _attempts(view.attempts, int(tokens * ATTEMPTS_SHARE))


def _attempts(attempts: Sequence[AttemptView], tokens: int) -> Section:
    """The latest attempts that have room, oldest first."""
    latest = attempts[-MOST_ATTEMPTS:]
    for first in range(len(latest)):
        text = PROMPTS.render("attempts", attempts=[_attempt(one) for one in latest[first:]])
        if estimate(text) <= tokens:
            break
    return Section("attempts", clipped(text, tokens), drop=DROP_ATTEMPTS)


def _attempt(attempt: AttemptView) -> dict[str, str]:
    told = [wording.line(attempt.outcome, _LINE)]
    if attempt.gain is not None:
        verdict = "helped" if attempt.gain > 0 else "was worse" if attempt.gain < 0 else "changed nothing"
        told.append(f"it {verdict}, area {attempt.gain:+.3f}")
    if attempt.prediction is not None:
        came = {True: "came true", False: "did not come true", None: "was not measured"}[attempt.hit]
        told.append(f"predicted {attempt.prediction.metric} {attempt.prediction.direction}, which {came}")
    return {
        "scaffold": attempt.scaffold,
        "parent": attempt.parent,
        "idea": wording.line(attempt.idea, _LINE).rstrip(".:"),
        "outcome": "; ".join(told),
    }


def _curve(curve: CurveView) -> dict[str, str]:
    return {"problem": curve.problem, "own": _points(curve.own), "parent": _points(curve.parent)}


def _points(values: Sequence[float]) -> str:
    if not values:
        return ""
    places = [max(len(values) * part // 4 - 1, 0) for part in (1, 2, 4)]
    return f"{', '.join(f'{values[place]:.2f}' for place in places)}, mean {fmean(values):.3f}"


def _costs(view: MetaView) -> str:
    told = []
    if view.calls:
        told.append(f"{view.calls:.3g} calls")
    if view.tokens:
        told.append(f"{view.tokens:,.0f} tokens")
    if view.cost:
        told.append(f"{view.cost:.2g} US dollars")
    return ", ".join(told)


def _described(files: Mapping[str, str]) -> Iterator[dict[str, str]]:
    for path, text in sorted(files.items()):
        first = text.lstrip().partition("\n")[0]
        about = first.strip('"') if path.endswith(".py") and first.startswith('"""') else ""
        yield {"path": path, "size": f"{len(text):,}", "about": wording.line(about, _ABOUT)}


def _shown(files: Mapping[str, str], paths: Sequence[str], room: int) -> list[Section]:
    """Whole files while there is room: those of the weakness, then, if none of them is there, the shortest."""
    wanted = [path for path in dict.fromkeys(paths) if path in files]
    if not wanted:
        wanted = sorted(files, key=lambda path: (len(files[path]), path))
    shown: list[Section] = []
    for path in wanted:
        section = Section(f"{_FILE}{path}", f"# File {path}\n\n{listing.block(path, files[path])}")
        if len(shown) < MOST_FILES and _length(section) <= room:
            shown.append(section)
            room -= _length(section)
    return shown
