"""Cost of the archive as it grows: add, sample and top with 1e3, 1e5 and 1e6 elites, and replaying 100,000 tells.

All times are CPU times of this thread, so that a busy machine does not blur them.
Run: python benchmarks/archive_scale.py
"""

from __future__ import annotations

import gc
import random
import resource
import statistics
import time
from collections.abc import Callable

from evolve.archive import ArchiveSettings, Axis, Entry, Islands, Kind, builtin_measures, normalised_digest, preload
from evolve.archive.source import parse_python
from evolve.domain import Program

CALLS = 2000
REPLAYED = 100_000


def main() -> None:
    """Print one table."""
    start = time.process_time()
    preload()
    print(f"import of pyribs: {time.process_time() - start:.1f} CPU s, {_megabytes():.0f} MB\n")
    gc.freeze()  # else every full collection looks through all that pyribs loaded, which takes 80 ms
    print(f"{'elites':>9} {'fill s':>7} {'MB':>6}   median / p99 us of:  add         sample 48   top 16      entry")
    for side in (32, 317, 1000):
        _one_size(side)
    print()
    for kind in Kind:
        _replay(kind)
    print()
    _texts()


def _one_size(side: int) -> None:
    axes = tuple(Axis(name, 0.0, float(side), side) for name in "xy")
    archive = Islands(ArchiveSettings(axes=axes, islands=1))
    before = _megabytes()
    start = time.thread_time()
    for row in range(side):
        archive.replay([_entry(row * side + column, row + 0.5, column + 0.5) for column in range(side)])
    filled = time.thread_time() - start
    rng = random.Random(0)
    size = side * side
    fresh = [_entry(size + n, rng.random() * side, rng.random() * side, rng.random()) for n in range(CALLS)]
    iterator = iter(fresh)
    costs = [
        _cost(lambda: archive.add(next(iterator))),
        _cost(lambda: archive.sample(0, 48, rng)),
        _cost(lambda: archive.top(0, 16)),
        _cost(lambda: archive.entry(archive.elites(0)[rng.randrange(size)])),
    ]
    print(f"{size:>9,} {filled:>7.2f} {_megabytes() - before:>6.0f}   {'':21}{''.join(costs)}")


def _replay(kind: Kind) -> None:
    axes = (Axis("x", cells=30), Axis("y", cells=30))
    settings = ArchiveSettings(axes=axes, islands=4, kind=kind, stagnation=2000)
    rng = random.Random(1)
    entries = [
        Entry(number, number % 4, rng.gauss(0, 1) + number / REPLAYED, None, (rng.random(), rng.gauss(5, 3)))
        for number in range(REPLAYED)
    ]
    spent = []
    for _ in range(3):
        start = time.thread_time()
        Islands(settings).replay(entries)
        spent.append(time.thread_time() - start)
    print(f"replay of {REPLAYED:,} tells, 4 islands of 900 {kind} cells: {statistics.median(spent):.2f} CPU s")


def _texts() -> None:
    rng = random.Random(0)
    lines = [f"    v{n} = max(v{n % 7}, a * {rng.random():.3f}) + b[{n}]  # step {n}" for n in range(200)]
    seed = Program.of({"a.py": "def f(a, b):\n" + "\n".join(lines) + "\n    return v1\n"})
    child = seed.with_files({"a.py": seed.files[0].text.replace("max(v3", "min(v3")})

    def uncached(call: Callable[[], object]) -> Callable[[], object]:
        def run() -> object:
            parse_python.cache_clear()
            return call()

        return run

    print("a Python program of 200 dense lines, median / p99 us:")
    for name in ("program_length", "structural_complexity", "edit_distance"):
        print(f"  {name:22}", _cost(uncached(lambda name=name: builtin_measures(child, seed, [name])), 100))
    print(f"  {'normalised_digest':22}", _cost(uncached(lambda: normalised_digest(child, "python")), 100))


def _entry(number: int, x: float, y: float, score: float = 0.5) -> Entry:
    return Entry(number, 0, score, None, (x, y))


def _cost(call: Callable[[], object], calls: int = CALLS) -> str:
    spent = []
    for _ in range(calls):
        start = time.thread_time_ns()
        call()
        spent.append((time.thread_time_ns() - start) / 1000)
    spent.sort()
    return f"{f'{statistics.median(spent):.0f} / {spent[int(calls * 0.99)]:.0f}':12}"


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
