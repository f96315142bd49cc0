"""What storing questions and completions costs, and reading the books of a run with many of them.

    python -m benchmarks.store_questions [--calls 10000] [--url postgresql://...]

A prompt is about 20 kB of program text that differs a little from call to call, an answer about 4 kB.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.store_scale import RUN, SOURCE, records
from evolve.domain import Completion, Finish, Usage
from evolve.store import Answered, Asked, Record, Store, open_store

ONE_BY_ONE = 1000
"""Appends that are timed each for itself, as the engine makes them while a model waits."""


def asked(number: int, turn: int = 0) -> Asked:
    """A question with four sections, one of them its own."""
    sections = [{"name": f"part {part}", "text": SOURCE[:5000]} for part in range(3)]
    own = {"name": "own", "text": f"{SOURCE[number % 1000 : number % 1000 + 5000]}\n{number}.{turn}"}
    prompt = {"operator": "mutate", "model": "m", "sections": [*sections, own]}
    return Asked(number, turn, number % 4, "mutate", "edit", "m", prompt, f"{number:064x}", 0.05, 9000)


def answered(number: int, turn: int = 0) -> Answered:
    """An answer of about 4 kB."""
    text = SOURCE[number % 1000 : number % 1000 + 4000]
    usage = Usage(prompt=6000, cached=4000, output=1000)
    return Answered(number, turn, f"{number:064x}", Completion(text, Finish.STOP, "m", usage, 0.004, 1.0), 0.1)


def fill(store: Store, run_id: int, calls: int) -> None:
    """Append question, answer and candidate in groups of a hundred."""
    draw = random.Random(0)
    store.append(run_id, records(0, draw))
    for start in range(1, calls + 1, 100):
        batch: list[Record] = []
        for number in range(start, min(start + 100, calls + 1)):
            batch += [asked(number), answered(number), *records(number, draw)]
        store.append(run_id, batch)


def milliseconds(calls: Sequence[Callable[[], object]]) -> list[float]:
    """Wall time of each call."""
    taken = []
    for call in calls:
        began = time.perf_counter()
        call()
        taken.append(1000 * (time.perf_counter() - began))
    return sorted(taken)


def measure_appends(store: Store, run_id: int, start: int) -> None:
    """Time single appends of questions and of answers."""
    numbers = range(start, start + ONE_BY_ONE)
    makers: dict[str, Callable[[int], Record]] = {"Asked": asked, "Answered": answered}
    for name, make in makers.items():
        rows = [make(number) for number in numbers]
        taken = milliseconds([lambda row=row: store.append(run_id, [row]) for row in rows])
        middle, slow = statistics.median(taken), taken[int(0.99 * len(taken))]
        print(f"append one {name:<14} {middle:8.3f} ms median, {slow:.3f} ms at the 99th percentile")


def main(arguments: Sequence[str] | None = None) -> None:
    """Fill a database and read its books."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--url", help="a PostgreSQL database to fill instead of a temporary SQLite file")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "questions.db"
        with open_store(options.url or path, create=True) as store:
            run_id = store.create_run(RUN)
            fill(store, run_id, options.calls)
            measure_appends(store, run_id, options.calls + 1)
            reads: dict[str, Callable[[], object]] = {
                "tells": lambda: list(store.tells(run_id)),
                f"open_questions ({ONE_BY_ONE})": lambda: store.open_questions(run_id),
                "usage": lambda: store.usage(run_id),
                "money": lambda: store.money(run_id),
                "completion": lambda: store.completion(run_id, options.calls // 2, 0),
                "completion_of": lambda: store.completion_of(run_id, f"{options.calls // 2:064x}"),
                "asked": lambda: store.asked(run_id, options.calls // 2),
            }
            for name, read in reads.items():
                print(f"{name:<25} {statistics.median(milliseconds([read] * 3)):8.1f} ms")
        if path.exists():
            print(f"file                      {path.stat().st_size / 1e6:8.0f} MB for {options.calls:,} candidates")


if __name__ == "__main__":
    main()
