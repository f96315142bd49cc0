"""What `Search.ask` hands out: a program to evaluate, or a question that has to be answered first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from evolve.domain import Candidate, Evaluation, Origin, Program, Relook, Role
from evolve.scaffold.base import Prompt, Section
from evolve.store.dialogue import Asked
from evolve.store.records import UntoldRow


@dataclass(frozen=True, slots=True)
class Proposal:
    """A numbered candidate to evaluate, or, with `failure`, one that failed before it cost an evaluation."""

    candidate: Candidate
    fingerprint: str
    failure: Evaluation | None = None

    @property
    def number(self) -> int:
        """The candidate's."""
        return self.candidate.number

    @property
    def origin(self) -> Origin:
        """The candidate's."""
        return self.candidate.origin


@dataclass(frozen=True, slots=True)
class Question:
    """A number whose program has yet to be written: by a model, or by whoever answers `prompt`.

    `base` is the program the answer edits.
    """

    number: int
    island: int
    prompt: Prompt
    base: Program

    @property
    def origin(self) -> Origin:
        """Where its candidate will come from, as far as is known yet."""
        prompt = self.prompt
        return Origin(
            prompt.operator,
            self.island,
            prompt.parents,
            prompt.inspirations,
            tag=prompt.tag,
            idea=prompt.idea,
            model=prompt.model,
        )


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a candidate cost and taught: US dollars (None when nobody knows), tokens, and the scaffold's lesson."""

    cost: float | None = 0.0
    tokens: int = 0
    lesson: str = ""


FREE = Receipt()
"""Of a candidate that no model was asked for."""


@dataclass(frozen=True, slots=True)
class Known:
    """A scored candidate of an earlier session; `told` when the log already holds its tell, with `relooks`."""

    candidate: Candidate
    evaluation: Evaluation
    told: bool
    receipt: Receipt = FREE
    relooks: tuple[Relook, ...] = ()


@dataclass(frozen=True, slots=True)
class Earlier:
    """What earlier sessions left unfinished.

    In arrival order: scored and untold candidates, and open questions; in ordered mode: results that the search has
    not been told, by number, and the numbers for which a model gave an answer of which nothing is scored yet.
    """

    untold: tuple[UntoldRow, ...] = ()
    questions: tuple[Question, ...] = ()
    known: Mapping[int, Known] = field(default_factory=dict)
    begun: frozenset[int] = frozenset()


NOTHING_EARLIER = Earlier()
"""Of a new run."""


def asked(number: int, island: int, prompt: Prompt, model: str, request_digest: str = "", **handed: Any) -> Asked:
    """The record of a question put to `model`; `handed` are the fields of `Asked` that say how it is handed out."""
    return Asked(
        number=number,
        turn=prompt.turn,
        island=island,
        operator=prompt.operator,
        step=prompt.step,
        model=model,
        prompt=prompt_as_json(prompt),
        request_digest=request_digest,
        **handed,
    )


def prompt_as_json(prompt: Prompt) -> dict[str, Any]:
    """A prompt as plain data, for the log."""
    return asdict(prompt)


def prompt_from(data: Mapping[str, Any]) -> Prompt:
    """A prompt back from the log; the inverse of `prompt_as_json`."""
    known = {each.name: data[each.name] for each in fields(Prompt) if each.name in data}
    sections = tuple(Section(**{**section, "role": Role(section["role"])}) for section in data["sections"])
    known |= {"sections": sections, "parents": tuple(data["parents"]), "inspirations": tuple(data["inspirations"])}
    return Prompt(**known)
