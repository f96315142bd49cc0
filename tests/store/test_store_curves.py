from __future__ import annotations

from evolve.domain import Completion, Evaluation, Finish, Outcome, Status, Usage, Verdict
from evolve.store import Answered, Asked, Evaluated, Proposed, Record, Standing, Store, Told
from tests.store.store_samples import NEW_RUN, candidate, scored


def told(number: int, position: int, evaluation: Evaluation, *, best: bool = False) -> list[Record]:
    verdict = Verdict(Outcome.NEW_CELL if evaluation.objective else Outcome.REJECTED, 0, None, None, best)
    return [
        Proposed(candidate(number), f"fingerprint {number}"),
        Evaluated(number, evaluation),
        Told(number, position, verdict, elapsed=position / 2),
    ]


def test_only_candidates_that_were_run_count_as_evaluations(store: Store) -> None:
    run = store.create_run(NEW_RUN)
    store.append(run, told(0, 0, scored(1.0), best=True))
    store.append(run, told(1, 1, Evaluation(Status.DUPLICATE)))
    store.append(run, told(3, 2, Evaluation(Status.CRASH)))
    store.append(run, told(2, 3, scored(4.0), best=True))
    store.append(run, told(4, 4, scored(3.0)))
    store.append(run, told(5, 5, Evaluation(Status.EDIT_NOT_APPLIED)))
    assert store.standings(run) == [
        Standing(position=0, evaluations=1, elapsed=0.0, best=1.0),
        Standing(position=3, evaluations=3, elapsed=1.5, best=4.0),
        Standing(position=5, evaluations=4, elapsed=2.5, best=4.0),
    ]


def asked(number: int, turn: int, cost: float | None, tokens: int, lost: float = 0.0) -> list[Record]:
    """A question and its answer, some of whose tokens were lost on attempts before."""
    completion = Completion("x", Finish.STOP, "m", Usage(tokens - 30, 10, 20, 5), cost, lost=lost, lost_tokens=10)
    return [
        Asked(number, turn, 0, "mutate", "edit", "m", {"text": "?"}, f"digest {number} {turn}"),
        Answered(number, turn, f"digest {number} {turn}", completion, 1.0),
    ]


def test_money_and_tokens_are_those_of_candidates_told_so_far(store: Store) -> None:
    run = store.create_run(NEW_RUN)
    store.append(run, told(0, 0, scored(1.0), best=True))
    store.append(run, [*asked(1, 0, 0.5, 100), *asked(1, 1, 0.25, 50, lost=0.125), *asked(2, 0, 4.0, 1000)])
    store.append(run, told(1, 1, scored(2.0), best=True))
    assert [(row.cost, row.tokens) for row in store.standings(run)] == [(0.0, 0), (0.875, 150)]
    store.append(run, told(2, 2, Evaluation(Status.EDIT_NOT_APPLIED)))
    assert (store.standings(run)[-1].cost, store.standings(run)[-1].tokens) == (4.875, 1150)


def test_one_call_of_unknown_price_makes_all_after_it_unknown(store: Store) -> None:
    run = store.create_run(NEW_RUN)
    store.append(run, [*told(0, 0, scored(1.0), best=True), *asked(1, 0, None, 100), *asked(2, 0, 1.0, 100)])
    store.append(run, [*told(1, 1, scored(2.0), best=True), *told(2, 2, scored(3.0), best=True)])
    assert [row.cost for row in store.standings(run)] == [0.0, None, None]


def test_each_run_has_its_own_standings(store: Store) -> None:
    first, second, empty = (store.create_run(NEW_RUN) for _ in range(3))
    store.append(first, told(0, 0, scored(1.0), best=True))
    store.append(second, [*told(0, 0, scored(5.0), best=True), *told(1, 1, scored(6.0), best=True)])
    assert [row.best for row in store.standings(first)] == [1.0]
    assert [row.best for row in store.standings(second)] == [5.0, 6.0]
    assert store.standings(empty) == []
