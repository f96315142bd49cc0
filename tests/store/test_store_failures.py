"""What failed candidates were told; on both databases."""

from __future__ import annotations

from evolve.domain import Status
from evolve.store import Store
from evolve.store.failures import HEAD, TAIL, FeedbackRow
from tests.store.inspected import Writer


def test_equal_feedback_is_counted_once_with_the_latest_candidate(store: Store) -> None:
    run = Writer.begin(store)
    for feedback in ("too slow", "too slow", "too late", "too slow"):
        run.add(Status.TIMEOUT, feedback=feedback)
    run.add(Status.CRASH, feedback="too slow")
    assert store.browse.feedbacks(run.run_id, Status.TIMEOUT, 10) == [
        FeedbackRow("too slow", "", 3, 4),
        FeedbackRow("too late", "", 1, 3),
    ]


def test_only_the_latest_are_read(store: Store) -> None:
    run = Writer.begin(store)
    for number in range(1, 8):
        run.add(Status.WRONG, feedback=f"wrong {number}")
    assert [row.number for row in store.browse.feedbacks(run.run_id, Status.WRONG, 3)] == [7, 6, 5]


def test_of_a_long_feedback_both_ends_are_read(store: Store) -> None:
    run = Writer.begin(store)
    whole = "a" * HEAD
    run.add(Status.CRASH, feedback=whole)
    run.add(Status.CRASH, feedback=f"{'b' * 50_000}{'c' * (TAIL - 1)}d")
    long, short = store.browse.feedbacks(run.run_id, Status.CRASH, 10)
    assert (short.head, short.tail) == (whole, "")
    assert long.head == "b" * HEAD
    assert long.tail == "c" * (TAIL - 1) + "d"


def test_feedback_comes_back_as_the_candidate_wrote_it(store: Store) -> None:
    run = Writer.begin(store)
    said = "\x00\x1b[2J\ud800 数字"
    run.add(Status.CRASH, feedback=said)
    assert store.browse.feedbacks(run.run_id, Status.CRASH, 1)[0].head == said
