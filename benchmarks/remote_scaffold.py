"""What it costs to run scaffold zero behind walls: milliseconds per proposal, beside the same in this process.

    python benchmarks/remote_scaffold.py            # about 10 s

Views are as large as ordinary runs make them: 48 elites of a program of the given length, feedback and metrics.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from evolve.config import SandboxSettings
from evolve.domain import Outcome, Status
from evolve.genome.folder import manifest_of, zero
from evolve.genome.lines import Lines, ProcessLines
from evolve.genome.remote import RemoteScaffold
from evolve.genome.running import quarters_for
from evolve.scaffold.base import EliteView, ModelView, OutcomeView, Scaffold, SearchView, TaskView
from evolve.scaffold.wire import request
from evolve.scaffold.zero import create

MODEL = ModelView("standin", 1.0, 4.0)
SETTINGS = {"models": [MODEL.name], "tuned": 0}
ROUNDS = 40


def program(number: int, length: int) -> str:
    """A program of about so many characters."""
    lines = ["def f(x):"]
    while sum(map(len, lines)) < length:
        lines.append(f"    x = x * {number + len(lines)}.25 + {len(lines)}")
    return "\n".join([*lines, "    return x", ""])


def view(number: int, length: int) -> SearchView:
    """A view with as many elites as runs show by default."""
    elites = tuple(
        EliteView(
            n, {"main.py": program(n, length)}, float(-n), 0.1, 0, n, 1, "mutate", "case 3: off by 0.25\n" * 10, 4,
            {"score": float(n), "program_length": float(length), "seconds": 0.25}, {}, f"idea {n}",
        )
        for n in range(48)
    )  # fmt: skip
    return SearchView(number, f"s:{number}", 0, elites, best=elites[0], models=(MODEL,))


def outcome(number: int) -> OutcomeView:
    """What became of a proposal."""
    return OutcomeView(number, "mutate", "by=x", (0,), 0, Status.VALID, Outcome.NOT_ADDED, -1.0, -0.5, tokens=900)


def milliseconds(scaffold: Scaffold, length: int) -> float:
    """The median over rounds of one outcome, its pins, and one proposal."""
    views = [view(number, length) for number in range(1, ROUNDS + 1)]
    times = []
    for shown in views:
        began = time.perf_counter()
        scaffold.observe(outcome(shown.number))
        scaffold.pins()
        scaffold.propose(shown)
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times)


def timed(what: str, make: Callable[[], object]) -> None:
    """Say how long something took."""
    began = time.perf_counter()
    make()
    print(f"{what}: {1000 * (time.perf_counter() - began):,.0f} ms")


def main() -> None:
    """Print the figures."""
    quarters = quarters_for(SandboxSettings(backend="local"), 1)
    timed("start of the walls, once per campaign", quarters.start)
    for length in (500, 2_000, 8_000):
        task = TaskView("t", "Make it better.", "python", "main.py", ("main.py",), {"main.py": program(0, length)})
        size = len(request(1, "propose", view=view(1, length)))
        print(f"\nprograms of {length:,} characters: a view is a line of {size:,} bytes")
        print(f"  in this process       {milliseconds(create(task, SETTINGS), length):7.2f} ms a proposal")
        lines: dict[str, Lines] = {"a plain process": ProcessLines(zero()), "behind the walls": quarters.lines(zero())}
        for name, opened in lines.items():
            remote = RemoteScaffold(opened, manifest_of(zero()), task, SETTINGS)
            timed(f"  {name}: start, once per run", remote.prepare)
            print(f"  {name:20}  {milliseconds(remote, length):7.2f} ms a proposal")
            assert not remote.faults, remote.faults
            remote.close()
    quarters.close()


if __name__ == "__main__":
    main()
