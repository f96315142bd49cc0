"""Candidates of every fate, written through the store, for tests of what inspection makes of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from evolve.domain import Evaluation, Origin, Outcome, Status, Verdict
from evolve.store import Evaluated, Proposed, Record, Store, Told
from tests.store.store_samples import NEW_RUN, answered, asked, candidate, scored, steps, verdict

VERDICT = verdict(gain=None)


@dataclass
class Writer:
    """Adds candidates to a run of a seed, one after the other; `number` is the next one's."""

    store: Store
    run_id: int
    number: int = 1

    @classmethod
    def begin(cls, store: Store, **settings: Any) -> Writer:
        run_id = store.create_run(replace(NEW_RUN, settings=settings))
        store.append(run_id, steps(0, best=True))
        return cls(store, run_id)

    def add(
        self,
        status: Status | None = Status.VALID,
        *,
        model: str = "",
        operator: str = "mutate",
        feedback: str = "",
        wall: float = 0.0,
        elapsed: float = 1.0,
        calls: tuple[dict[str, Any], ...] = (),
        **changes: Any,
    ) -> int:
        """One candidate; None has no evaluation yet. `changes` are of its verdict, each of `calls` of a completion."""
        number, self.number = self.number, self.number + 1
        records: list[Record] = []
        for turn, call in enumerate(calls):
            question = {key: call[key] for key in ("step", "operator") if key in call}
            at = call.get("at", 0.0)
            given = {key: value for key, value in call.items() if key not in ("step", "operator", "at")}
            records.append(asked(number, turn, **{"operator": operator, **question}))
            records.append(replace(answered(number, turn, **{"model": model, **given}), elapsed=at))
        records.append(Proposed(replace(candidate(number), origin=Origin(operator, 0, (0,), model=model)), ""))
        if status is not None:
            valid = status is Status.VALID
            evaluation = replace(scored(1.0), wall=wall) if valid else Evaluation(status, feedback=feedback, wall=wall)
            judged = replace(VERDICT, **changes) if valid else Verdict(Outcome.REJECTED, 0)
            records += [Evaluated(number, evaluation), Told(number, number, judged, elapsed)]
        self.store.append(self.run_id, records)
        return number
