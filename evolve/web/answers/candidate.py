"""One candidate: all there is to know of it; and its program alone, to compare others with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from evolve.domain import SEED_NUMBER
from evolve.inspection.candidate import CandidateDetails, program_of
from evolve.inspection.candidate_json import candidate_json, program_json
from evolve.web.query import Query, Topic


def _number(query: Query) -> int:
    """Candidate `n`; the run's best one, or else its seed, when it is left out."""
    best = query.need_run().summary.best_number
    return query.integer("n", SEED_NUMBER if best is None else best) or SEED_NUMBER


def answer(query: Query) -> dict[str, Any]:
    """All there is to know of candidate `n`, and nothing of a run without candidates. Raises NotFound."""
    if not (query.need_run().summary.candidates or query.text("n")):
        return {"number": None}
    return candidate_json(CandidateDetails.of(query.store, query.need_run(), _number(query)))


def program(query: Query) -> dict[str, Any]:
    """The files of candidate `n`. Raises NotFound."""
    number = _number(query)
    return {"number": number, "files": program_json(program_of(query.store, query.need_run(), number))}


def _every_number(query: Query) -> Iterable[Mapping[str, str]]:
    """Each candidate under its number, and the one that is shown when none is asked for."""
    yield {}
    yield from ({"n": str(number)} for number in query.store.numbers(query.need_run().id))


TOPIC = Topic("candidate", answer, _every_number)
PROGRAM = Topic("program", program, _every_number)
