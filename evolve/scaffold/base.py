"""What the host and a scaffold say to each other: plain views in, plain drafts and prompts out.

A scaffold decides what to try next. It owns no score, archive, clock, budget, model client or source of randomness:
every call gets what it needs as a value, so the same calls give the same answers in any process.
In every view a *score* is the objective with its sign turned so that more is better.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Protocol

from evolve.domain import Completion, Direction, Message, Outcome, Role, Status


@dataclass(frozen=True, slots=True)
class EliteView:
    """One scored candidate as a scaffold sees it. `files` is `{path: text}`.

    `metrics`, `feedback` and `artifacts` are what the evaluator said; `n` counts the looks behind `stderr`;
    `idea` is what its proposer said it tried.
    """

    number: int
    files: Mapping[str, str]
    score: float
    stderr: float | None
    island: int
    cell: int | None
    children: int
    operator: str
    feedback: str = ""
    n: int = 1
    metrics: Mapping[str, float] = field(default_factory=dict)
    artifacts: Mapping[str, str] = field(default_factory=dict)
    idea: str = ""


@dataclass(frozen=True, slots=True)
class FailureView:
    """A recent candidate that failed: what was tried from which parent, and what became of it."""

    number: int
    files: Mapping[str, str]
    status: Status
    feedback: str
    parents: tuple[int, ...]
    operator: str
    idea: str = ""


@dataclass(frozen=True, slots=True)
class PendingView:
    """A proposal that is under way: asked and not yet told."""

    number: int
    operator: str
    tag: str
    parents: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ModelView:
    """A model that can be asked now. Prices are US dollars per million tokens, None when unknown.

    `context` is its context window and `output` the most it may answer, both in tokens; a `reasoning` model thinks
    before it answers and needs room for that.
    """

    name: str
    input_price: float | None = None
    output_price: float | None = None
    context: int = 128_000
    output: int = 8_192
    reasoning: bool = False


@dataclass(frozen=True, slots=True)
class TaskView:
    """What stays the same for a whole run: the statement and what may be edited.

    `editable` lists the paths that may change, `editable_globs` also says what may be added; a file with
    EVOLVE-BLOCK markers may change only between them. `language` is a name such as "python"; `entry` the main file's
    path. `objective` is the metric's name; `seconds` and `memory` (bytes) are what one call of a candidate may use;
    0 seconds where nothing limits it.
    """

    name: str
    statement: str
    language: str
    entry: str
    editable: tuple[str, ...]
    seed_files: Mapping[str, str]
    measures: tuple[str, ...] = ()
    editable_globs: tuple[str, ...] = ()
    objective: str = "score"
    direction: Direction = Direction.MAXIMIZE
    unit: str = ""
    seconds: float = 10.0
    memory: int = 512 * 1024**2


@dataclass(frozen=True, slots=True)
class SearchView:
    """The state one proposal is based on.

    `elites` is a capped sample of the chosen island, the best ones always among them, sorted by
    score (best first); `others` are the best elites of the other islands; `pinned` holds the
    candidates the scaffold asked to keep in view (`Scaffold.pins`); `failures` are recent ones of this island,
    newest first. `seed` is the only randomness. `final` asks for polish: simpler programs of equal score, nothing
    else. `models` can be asked now; without any a scaffold can only draft. `blank` asks for a proposal that uses
    nothing learnt beyond the elites in view (for baselines).
    """

    number: int
    seed: str
    island: int
    elites: tuple[EliteView, ...]
    others: tuple[EliteView, ...] = ()
    best: EliteView | None = None
    pinned: Mapping[int, EliteView] = field(default_factory=dict)
    pending: tuple[PendingView, ...] = ()
    final: bool = False
    models: tuple[ModelView, ...] = ()
    failures: tuple[FailureView, ...] = ()
    blank: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """What a scaffold proposes: a finished program, with its parents and the operator that made it.

    `tag` is the scaffold's own note (at most 200 characters); it comes back in `OutcomeView`, as does `idea`, what the
    proposer says it tried (at most 500).
    """

    operator: str
    files: Mapping[str, str]
    parents: tuple[int, ...]
    inspirations: tuple[int, ...] = ()
    tag: str = ""
    idea: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A named part of a prompt.

    `stable` sections are byte for byte the same in all prompts of an island and come first. When a prompt is too long,
    sections with `drop` above 0 are left out, the highest first; 0 is never left out.
    """

    name: str
    text: str
    role: Role = Role.USER
    stable: bool = False
    drop: int = 0


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question for a model, and all that is needed to make a program of its answer.

    `base` is the number of the candidate whose files the answer edits; `step` says what is asked for (`edit`, `plan`,
    `repair`, `rewrite`, `nudge`, `lesson`), `form` which form an edit should have (`diff` or `whole`, else ""), and
    `turn` counts the questions asked for this proposal from 0. `output` is the most tokens of an answer.
    """

    operator: str
    model: str
    sections: tuple[Section, ...]
    base: int
    parents: tuple[int, ...]
    inspirations: tuple[int, ...] = ()
    tag: str = ""
    step: str = "edit"
    form: str = ""
    turn: int = 0
    output: int = 8_192
    temperature: float | None = None
    idea: str = ""

    def messages(self) -> tuple[Message, ...]:
        """The sections as a conversation: neighbours of one role joined by a blank line."""
        runs = ((role, list(run)) for role, run in groupby(self.sections, key=lambda section: section.role))
        return tuple(
            Message(role, "\n\n".join(section.text for section in run), all(section.stable for section in run))
            for role, run in runs
        )

    def shortened(self) -> Prompt | None:
        """The prompt with only the sections that are never left out; None when it has no others."""
        kept = tuple(section for section in self.sections if section.drop == 0)
        return None if kept == self.sections else replace(self, sections=kept)


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """What became of a proposal. `score` and `parent_score` are None where there is none.

    `cost` is what its model calls cost in US dollars (None when nobody knows) and `tokens` how many they took, both 0
    without a model. `lesson` is what `Scaffold.reflect` made of it.
    """

    number: int
    operator: str
    tag: str
    parents: tuple[int, ...]
    island: int
    status: Status
    outcome: Outcome
    score: float | None
    parent_score: float | None
    new_best: bool = False
    idea: str = ""
    model: str = ""
    cost: float | None = 0.0
    tokens: int = 0
    lesson: str = ""


@dataclass(frozen=True, slots=True)
class ScoredView:
    """A candidate of a model with its evaluation, before it is told; `base_score` is its first parent's."""

    number: int
    island: int
    operator: str
    tag: str
    idea: str
    model: str
    files: Mapping[str, str]
    base_files: Mapping[str, str]
    status: Status
    score: float | None
    stderr: float | None
    base_score: float | None
    feedback: str


class Scaffold(Protocol):
    """Decides what to try next.

    `propose` must not change what `observe` builds: asked twice with the same view it answers the same. `parse`,
    `amend` and `reflect` depend on nothing but their arguments, so that an answer that was paid for can be used by
    another process than the one that asked.
    """

    def propose(self, view: SearchView) -> Draft | Prompt:
        """The next candidate, or what to ask a model for one.

        Raises EditError when no operator finds anything to change.
        """
        ...

    def parse(self, prompt: Prompt, base: Mapping[str, str], answer: Completion) -> Draft | Prompt:
        """Make a program of an answer, or ask on (`turn` one higher). `base` are the files of `prompt.base`.

        Raises EditError with the status that names what is wrong with the answer.
        """
        ...

    def amend(
        self, prompt: Prompt, base: Mapping[str, str], answer: Completion, status: Status, reason: str
    ) -> Prompt | None:
        """What to ask after an answer that could not be used (the edit did not apply, a duplicate); None gives up."""
        ...

    def reflect(self, scored: ScoredView, history: Sequence[Message]) -> str | Prompt:
        """The lesson of a scored candidate of a model ("" is none), or what to ask a model for it.

        `history` is the conversation that led to the candidate, its last answer included. The answer to a prompt is
        the lesson.
        """
        ...

    def observe(self, outcome: OutcomeView) -> None:
        """Learn from an outcome; called once per told candidate, in tell order. No program text is given."""
        ...

    def pins(self) -> frozenset[int]:
        """Candidate numbers (at most 64) that must be in `SearchView.pinned` of the next proposal."""
        ...

    def snapshot(self) -> Mapping[str, object]:
        """What it has learnt, as plain data for people to look at (never needed to resume)."""
        ...


@dataclass(frozen=True, slots=True)
class CurveView:
    """A problem as a scaffold did on it: best so far after each model call, scaled so that 0 is the seed program and 1
    the best that is known; means over the same seeds for itself and its parent (`parent` is empty for the first).
    """

    problem: str
    own: tuple[float, ...]
    parent: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class OperatorView:
    """What became of an operator's proposals: how many, how many were run, and how many beat their first parent."""

    name: str
    proposals: int
    valid: int
    improved: int
    calls: int = 0


@dataclass(frozen=True, slots=True)
class Prediction:
    """What an edit of a scaffold should do, so that it can turn out wrong.

    `metric` is one of `METRICS`, `direction` "up" or "down", all against the parent; `problems` are names from the
    digest, none for all of them together.
    """

    metric: str
    direction: str
    problems: tuple[str, ...] = ()


METRICS = ("area", "final", "valid_share", "invalid_replies", "tokens")
"""What a prediction may be about: the area under the curve, the curve's last value, the share of proposals that were
run and gave a score, model calls without a usable answer, and tokens per run."""


@dataclass(frozen=True, slots=True)
class AttemptView:
    """An earlier edit of the campaign and what was measured of it; `scaffold` and `parent` are opaque.

    `outcome` is `measured` or why it never came to that; `gain` is the difference of mean areas from its parent,
    `hit` whether its prediction came true (None: not measured).
    """

    scaffold: str
    parent: str
    idea: str
    outcome: str
    prediction: Prediction | None = None
    gain: float | None = None
    hit: bool | None = None


@dataclass(frozen=True, slots=True)
class MetaView:
    """What a scaffold's own improvement is based on; all numbers are the host's.

    `files` is the scaffold to edit, `{path: text}`: its own, or another's when its skill at this is measured.
    `statuses` counts what became of its proposals by status, `feedback` quotes why some failed (at most 10).
    `calls`, `tokens` and `cost` (US dollars, None: nobody knows) are what one run took, on average.
    `seed` is the only randomness; `most` bounds a prompt in tokens.
    """

    seed: str
    files: Mapping[str, str]
    models: tuple[ModelView, ...]
    curves: tuple[CurveView, ...] = ()
    operators: tuple[OperatorView, ...] = ()
    statuses: Mapping[str, int] = field(default_factory=dict)
    feedback: tuple[str, ...] = ()
    attempts: tuple[AttemptView, ...] = ()
    calls: float = 0.0
    tokens: float = 0.0
    cost: float | None = None
    most: int = 24_000


@dataclass(frozen=True, slots=True)
class MetaEdit:
    """A changed scaffold: new texts by path (None removes the file), what was tried, and what it should do."""

    files: Mapping[str, str | None]
    idea: str
    prediction: Prediction


class Improver(Protocol):
    """How a scaffold would improve a scaffold: the code of its `meta/`. Depends on nothing but its arguments."""

    def meta_propose(self, view: MetaView) -> Prompt:
        """What to ask a model for a better scaffold (`step` "meta", `base` 0). Raises EditError(NO_EDIT)."""
        ...

    def meta_parse(self, prompt: Prompt, files: Mapping[str, str], answer: Completion) -> MetaEdit | Prompt:
        """Make an edit of an answer, or ask on (`turn` one higher). `files` is the scaffold that is edited.

        Raises EditError with the status that names what is wrong with the answer.
        """
        ...
