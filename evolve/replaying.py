"""Brings a search back to where the log of its run leaves off."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace

from evolve.archive.records import BoundsFrozen
from evolve.domain import Candidate, Program
from evolve.errors import SandboxUnavailable
from evolve.question import Known, Question, Receipt, prompt_from
from evolve.sandbox.base import Isolation, Level
from evolve.search import Search
from evolve.store import Remarks, RunRow, Store, TellRow
from evolve.store.dialogue import PERSON
from evolve.views import Text

LEVELS = tuple(Level)
"""Isolation levels, strongest first."""


def replayed(store: Store, run: RunRow, search: Search, *, held_back: int = 0) -> Mapping[int, Known]:
    """Rebuild a search from the log of its run.

    In ordered mode the last `held_back` tells (a window) are left to the engine, for the asks in between to see the
    same state as they did before; they are returned by number, and with them what is scored and not told.
    """
    with _collector_off():
        return _replayed(store, run.id, search, held_back)


def open_questions(store: Store, run_id: int) -> tuple[list[Question], list[int]]:
    """Questions that an earlier session put to models and did not finish, and numbers people are at work on.

    A question begins anew with its first turn: every answer it got is found in the store.
    """
    questions: list[Question] = []
    elsewhere: list[int] = []
    for row in store.open_questions(run_id):
        if row.proposed:
            continue
        if row.last.asker == PERSON:
            elsewhere.append(row.number)
            continue
        prompt = prompt_from(row.first.prompt)
        base = store.programs(run_id, [prompt.base])[prompt.base]
        questions.append(Question(row.number, row.first.island, prompt, base))
    return questions, elsewhere


def begun(store: Store, run_id: int) -> frozenset[int]:
    """Numbers that an earlier session got an answer for from a model and did not finish: what follows is paid for."""
    rows = [row for row in store.open_questions(run_id) if not row.proposed and row.last.asker != PERSON]
    return frozenset(row.number for row in rows if any(turn.completion is not None for turn in row.turns))


def check_isolation(store: Store, run: RunRow, isolation: Isolation, *, weaker: bool = False) -> None:
    """Store how candidates are walled off; refuse to mix scores from weaker walls into a run unless told to.

    A run keeps the weakest level it was ever scored at, and says so when its image had to be another. Raises
    SandboxUnavailable when it was scored behind stronger walls so far and `weaker` ones were not asked for.
    """
    stored = run.isolation.get("level")
    lower = stored is not None and LEVELS.index(isolation.level) > LEVELS.index(Level(stored))
    if lower and not weaker:
        accept = f"go on where there is more, or accept the weaker walls with --sandbox {isolation.backend}"
        raise SandboxUnavailable(
            f"run {run.id} was scored at isolation level {stored}, and only {isolation.level} is to be had here:"
            f" {isolation.note or accept}"
        )
    if lower:
        isolation = replace(isolation, note=f"Some of its scores were made at level {stored}")
    image = run.isolation.get("image", "")
    if image and isolation.image and image != isolation.image:
        isolation = replace(isolation, note=f"Some of its scores were made in image {image}, which is gone")
        lower = True
    if lower or stored is None:
        store.note_isolation(run.id, asdict(isolation))


def _replayed(store: Store, run_id: int, search: Search, held_back: int) -> Mapping[int, Known]:
    def texts(numbers: Sequence[int]) -> Mapping[int, Text]:
        programs = store.programs(run_id, numbers)
        said = store.remarks(run_id, numbers)
        return {number: _text(program, said.get(number)) for number, program in programs.items()}

    log = list(store.tells(run_id))
    late = store.late_relooks(run_id)
    told = len(log)
    known: dict[int, Known] = {}
    if held_back:
        cut = max(0, len(log) - held_back)
        known = {told.number: _known(store, run_id, told) for told in log[cut:]}
        for row in store.untold(run_id):
            if row.evaluation is not None:
                known[row.candidate.number] = Known(row.candidate, row.evaluation, told=False)
        log = log[:cut]
    frozen = store.events(run_id, kinds=[BoundsFrozen.__name__])
    parents = {parent for row in known.values() for parent in row.candidate.origin.parents}
    search.replay(log, texts, frozen[0].data["cells"] if frozen else None, parents, late, told)
    return known


def _known(store: Store, run_id: int, told: TellRow) -> Known:
    row = store.candidate(run_id, told.number)
    assert row.evaluation is not None, "a told candidate was evaluated: the log's foreign keys say so"
    candidate = Candidate(told.number, row.program, row.origin)
    receipt = Receipt(told.cost, told.tokens, told.lesson)
    return Known(candidate, row.evaluation, told=True, receipt=receipt, relooks=told.relooks)


def _text(program: Program, said: Remarks | None) -> Text:
    return Text(program) if said is None else Text(program, said.feedback, said.metrics, said.artifacts)


@contextmanager
def _collector_off() -> Iterator[None]:
    """Replaying makes a million records that stay: collecting meanwhile took half as long again."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
