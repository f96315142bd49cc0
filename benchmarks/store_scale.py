"""What the store costs: CPU per candidate, resume time and memory at 100,000 candidates, and the choice for repeats.

    python benchmarks/store_scale.py [--candidates 100000] [--url postgresql://...]

Every candidate is a program of about 5 kB with one parent and two inspirations, evaluated on five cases.
"""

from __future__ import annotations

import argparse
import random
import resource
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from evolve.domain import (
    Candidate,
    Direction,
    Estimate,
    Evaluation,
    Measurement,
    Origin,
    Outcome,
    Program,
    Split,
    Status,
    Verdict,
)
from evolve.store import Evaluated, NewRun, Proposed, Record, Store, Told, open_store
from evolve.store.codec import dump_json, pack_measurements

CASES = 5
LookRows = Callable[[int, tuple[Measurement, ...]], list[dict[str, Any]]]
RUN = NewRun(
    name="scale",
    problem="scale",
    problem_path="problems/scale",
    problem_digest="p",
    objective="score",
    direction=Direction.MAXIMIZE,
    seed=0,
    settings={},
    settings_digest="s",
)
SOURCE = Path(__file__).read_text(encoding="utf-8")


def records(number: int, draw: random.Random) -> list[Record]:
    """One candidate from proposal to tell."""
    program = Program.of({"program.py": f"{SOURCE[:5000]}\nx = {draw.random()}\n"})
    parents = (draw.randrange(number),) if number else ()
    shown = tuple(draw.sample(range(number), 2)) if number > 2 else ()
    score = draw.random()
    measurements = tuple(
        Measurement(
            "full", Split.SEARCH, case, 0, Status.VALID, {"excess": draw.random()}, "", {}, 0.0123, 0.0119, 31_457_280
        )
        for case in range(CASES)
    )
    evaluation = Evaluation(
        Status.VALID,
        Estimate(score, 0.01, CASES),
        {"excess": score},
        {"length": 5000.0, "complexity": draw.random()},
        measurements=measurements,
        wall=0.08,
    )
    return [
        Proposed(
            Candidate(number, program, Origin("mutate", number % 4, parents, shown)), f"{draw.getrandbits(256):064x}"
        ),
        Evaluated(number, evaluation),
        Told(number, number, Verdict(Outcome.NEW_CELL, number % 4, number % 1000, None, number % 500 == 0, 0.01), 0.1),
    ]


def fill(store: Store, run_id: int, numbers: range, group: int) -> float:
    """Append candidates in groups of `group`; CPU milliseconds per candidate spent in the store alone."""
    draw = random.Random(numbers.start)
    spent = 0.0
    for start in range(numbers.start, numbers.stop, group):
        batch: list[Record] = []
        for number in range(start, min(start + group, numbers.stop)):
            batch += records(number, draw)
        began = time.process_time()
        store.append(run_id, batch)
        spent += time.process_time() - began
    return 1000 * spent / len(numbers)


def stretches(total: int) -> Iterator[tuple[range, int]]:
    """One at a time at the start and at the end, groups of eight after each, groups of a hundred between."""
    yield range(1000), 1
    yield range(1000, 2000), 8
    yield range(2000, total - 2000), 100
    yield range(total - 2000, total - 1000), 1
    yield range(total - 1000, total), 8


def peak_megabytes() -> float:
    """The most memory this process ever had (Linux counts it in KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure_reads(store: Store, run_id: int, total: int) -> None:
    """Time what resuming and the inspection commands do."""
    before = peak_megabytes()
    began, began_cpu = time.perf_counter(), time.process_time()
    count = sum(1 for _ in store.tells(run_id))
    elapsed, cpu = time.perf_counter() - began, time.process_time() - began_cpu
    print(f"tells({count}) streamed   {elapsed:8.2f} s, {cpu:.2f} CPU s")
    print(f"peak RSS before, after    {before:8.0f} MB {peak_megabytes():.0f} MB")
    timed = {
        "tells, all kept": lambda: list(store.tells(run_id)),
        "untold": lambda: store.untold(run_id),
        "4,000 programs": lambda: store.programs(run_id, range(0, total, max(1, total // 4000))),
        "runs": lambda: store.runs(),
        "candidate": lambda: store.candidate(run_id, total // 2),
        "lineage": lambda: store.lineage(run_id, total - 1),
        "best_curve": lambda: store.best_curve(run_id),
        "statuses": lambda: store.statuses(run_id),
    }
    for name, call in timed.items():
        began = time.perf_counter()
        call()
        print(f"{name:<25} {1000 * (time.perf_counter() - began):8.1f} ms")
    print(f"peak RSS, all kept        {peak_megabytes():8.0f} MB")


def compare_repeats(folder: Path, candidates: int = 2000) -> None:
    """Five looks per candidate as rows of a table of their own, against one JSON value."""
    names = ("run_id", "number", "case", "repeat")
    texts = [sa.Column(name, sa.Text) for name in ("stage", "split", "status", "feedback", "artifacts")]
    numbers = [sa.Column("wall", sa.Double), sa.Column("cpu", sa.Double), sa.Column("peak_rss", sa.Integer)]
    keys = [sa.Column(name, sa.Integer, primary_key=True) for name in names]
    looks = sa.Table(
        "looks", sa.MetaData(), *keys, *texts, sa.Column("metrics", sa.JSON), *numbers, sqlite_with_rowid=False
    )
    keys = [sa.Column(name, sa.Integer, primary_key=True) for name in names[:2]]
    values = sa.Table("values", sa.MetaData(), *keys, sa.Column("looks", sa.JSON))
    _write_looks(folder, looks, candidates, lambda number, seen: [_look_row(number, look) for look in seen])
    _write_looks(
        folder,
        values,
        candidates,
        lambda number, seen: [{"run_id": 1, "number": number, "looks": pack_measurements(seen, Split.SEARCH, "")}],
    )


def _write_looks(folder: Path, table: sa.Table, candidates: int, rows: LookRows) -> None:
    draw = random.Random(0)
    evaluations = [records(number, draw)[1] for number in range(candidates)]
    path = folder / f"{table.name}.db"
    engine = sa.create_engine(f"sqlite:///{path}", json_serializer=dump_json)
    table.create(engine)
    began = time.process_time()
    with engine.begin() as connection:
        for number, record in enumerate(evaluations):
            assert isinstance(record, Evaluated)
            connection.execute(table.insert(), rows(number, record.evaluation.measurements))
    cost = 1e6 * (time.process_time() - began) / candidates
    engine.dispose()
    print(f"repeats as {table.name:<14} {cost:8.0f} CPU us, {path.stat().st_size / candidates:.0f} bytes per candidate")


def _look_row(number: int, look: Measurement) -> dict[str, Any]:
    named = {name: getattr(look, name) for name in ("case", "repeat", "stage", "feedback", "wall", "cpu", "peak_rss")}
    texts = {"split": look.split.value, "status": look.status.value, "artifacts": "", "metrics": dict(look.metrics)}
    return {"run_id": 1, "number": number, **named, **texts}


def main(arguments: Sequence[str] | None = None) -> None:
    """Fill a database and read it back."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--candidates", type=int, default=100_000)
    parser.add_argument("--url", help="a PostgreSQL database to fill instead of a temporary SQLite file")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        compare_repeats(Path(folder))
        path = Path(folder) / "scale.db"
        with open_store(options.url or path, create=True) as store:
            run_id = store.create_run(RUN)
            for numbers, group in stretches(options.candidates):
                cost = fill(store, run_id, numbers, group)
                print(f"append {numbers.start:>7,}.. by {group:<3}     {cost:8.3f} CPU ms per candidate")
            measure_reads(store, run_id, options.candidates)
        if path.exists():
            print(f"file                      {path.stat().st_size / 1e6:8.0f} MB, SQLite {sqlite3.sqlite_version}")


if __name__ == "__main__":
    main()
