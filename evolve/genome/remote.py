"""A scaffold and its improver in a process of their own: `Scaffold` and `Improver` over lines of JSON.

What such a scaffold does wrong becomes a proposal that failed, and is counted: it takes its place in the run's budget
and earns nothing. What its walls do wrong is raised: nobody's score suffers for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from evolve.domain import Completion, Message, Status
from evolve.errors import EditError
from evolve.genome import limits
from evolve.genome.caller import Caller
from evolve.genome.fault import Fault
from evolve.genome.genome import Manifest
from evolve.genome.lines import Lines
from evolve.genome.shown import capped
from evolve.scaffold.base import (
    Draft,
    MetaEdit,
    MetaView,
    OutcomeView,
    Prompt,
    ScoredView,
    SearchView,
    TaskView,
)


class RemoteScaffold:
    """Fulfils `Scaffold`; every run begins with an empty memory.

    Args:
        lines: Opens the scaffold's processes; closed with this.
        manifest: The scaffold's.
        task: What it is told of the problem.
        settings: What it is told besides, as plain data.
    """

    def __init__(self, lines: Lines, manifest: Manifest, task: TaskView, settings: Mapping[str, object]) -> None:
        self._caller = Caller(lines, manifest, {"task": task, "settings": settings})
        self._manifest = manifest
        self._known: set[int] = {0}
        self._pins: frozenset[int] | None = frozenset()
        self.faults: Counter[str] = Counter()
        """How often it broke the protocol, by kind (`evolve.genome.fault.KINDS`)."""

    def propose(self, view: SearchView) -> Draft | Prompt:
        """Its next proposal. Raises EditError when it has none, or gave one that cannot be used."""
        shown = capped(view)
        try:
            proposed: Draft | Prompt = self._caller.ask("propose", view=shown)
            limits.check_proposal(proposed, shown, self._manifest)
            return proposed
        except Fault as fault:
            raise self._counted(fault) from None
        except EditError as error:
            raise _clipped(error) from None

    def parse(self, prompt: Prompt, base: Mapping[str, str], answer: Completion) -> Draft | Prompt:
        """What it makes of an answer. Raises EditError as `Scaffold.parse` does, and for a reply of no use."""
        try:
            parsed: Draft | Prompt = self._caller.ask("parse", prompt=prompt, base=base, answer=answer)
            limits.check_follow_up(parsed, prompt)
            return parsed
        except Fault as fault:
            raise self._counted(fault) from None
        except EditError as error:
            raise _clipped(error) from None

    def amend(
        self, prompt: Prompt, base: Mapping[str, str], answer: Completion, status: Status, reason: str
    ) -> Prompt | None:
        """What it asks after an answer of no use; None when it gives up or fails."""
        values: dict[str, object] = {"prompt": prompt, "base": base, "answer": answer, "status": status}
        try:
            further: Prompt | None = self._asked("amend", **values, reason=reason)
            if further is not None:
                limits.check_follow_up(further, prompt)
            return further
        except Fault as fault:
            self._counted(fault)
            return None

    def reflect(self, scored: ScoredView, history: Sequence[Message]) -> str | Prompt:
        """Its lesson, or the question for it; "" when it fails."""
        try:
            lesson: str | Prompt = self._asked("reflect", scored=scored, history=history)
            limits.check_lesson(lesson, scored, history)
            return lesson
        except Fault as fault:
            self._counted(fault)
            return ""

    def observe(self, outcome: OutcomeView) -> None:
        """An outcome for it to learn from. It is told before its next proposal, several at once perhaps."""
        self._known.add(outcome.number)
        self._caller.tell(outcome)
        self._pins = None

    def pins(self) -> frozenset[int]:
        """What it wants to keep in view; nothing when it fails. Asked once after every outcome."""
        if self._pins is None:
            self._pins = self._asked_pins()
        return self._pins

    def snapshot(self) -> Mapping[str, object]:
        """What it says it has learnt; nothing when it fails or says too much."""
        try:
            snapshot: Mapping[str, object] = self._asked("snapshot")
            limits.check_snapshot(snapshot)
            return snapshot
        except Fault as fault:
            self._counted(fault)
            return {}

    def prepare(self) -> None:
        """Start its process now, so that the first proposal need not wait for it. Raises SandboxUnavailable."""
        with suppress(EditError):
            try:
                self._caller.start()
            except Fault as fault:
                self._counted(fault)

    def close(self) -> None:
        """End its process."""
        self._caller.close()

    def _asked_pins(self) -> frozenset[int]:
        try:
            pins: frozenset[int] = self._asked("pins")
            limits.check_pins(pins, self._known)
            return pins
        except Fault as fault:
            if fault.kind != "gone":  # its proposals say so
                self._counted(fault)
            return frozenset()

    def _asked(self, op: str, **values: object) -> Any:
        """The result of an operation that has no right to refuse. Raises Fault."""
        try:
            return self._caller.ask(op, **values)
        except EditError as error:
            raise Fault("malformed", f"refused {op}, which has no refusal: {str(error)[:200]}") from None

    def _counted(self, fault: Fault) -> EditError:
        self.faults[fault.kind] += 1
        return fault.as_edit_error()


class RemoteImprover:
    """Fulfils `Improver`: a scaffold's `meta/` in a process of its own.

    Args:
        lines: Opens the scaffold's processes; closed with this.
        manifest: The scaffold's.
    """

    def __init__(self, lines: Lines, manifest: Manifest) -> None:
        self._caller = Caller(lines, manifest, None)
        self._manifest = manifest
        self.faults: Counter[str] = Counter()
        """How often it broke the protocol, by kind (`evolve.genome.fault.KINDS`)."""

    def meta_propose(self, view: MetaView) -> Prompt:
        """Its question for a better scaffold. Raises EditError."""
        try:
            prompt: Prompt = self._caller.ask("meta_propose", view=view)
            limits.check_meta_question(prompt, view.models, self._manifest)
            return prompt
        except Fault as fault:
            raise self._counted(fault) from None
        except EditError as error:
            raise _clipped(error) from None

    def meta_parse(self, prompt: Prompt, files: Mapping[str, str], answer: Completion) -> MetaEdit | Prompt:
        """The edit it makes of an answer, or its next question. Raises EditError."""
        try:
            parsed: MetaEdit | Prompt = self._caller.ask("meta_parse", prompt=prompt, files=files, answer=answer)
            limits.check_meta_reply(parsed, prompt)
            return parsed
        except Fault as fault:
            raise self._counted(fault) from None
        except EditError as error:
            raise _clipped(error) from None

    def close(self) -> None:
        """End its process."""
        self._caller.close()

    def _counted(self, fault: Fault) -> EditError:
        self.faults[fault.kind] += 1
        return fault.as_edit_error()


def _clipped(error: EditError) -> EditError:
    """A scaffold's own refusal, its words no longer than anybody reads."""
    reason = str(error)
    return error if len(reason) <= limits.MOST_REASON else EditError(error.status, reason[: limits.MOST_REASON])
