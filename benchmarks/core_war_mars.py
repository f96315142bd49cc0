"""How many Redcode instructions a second the Core War problem's machine executes, by kind of warrior.

    python -m benchmarks.core_war_mars [--cycles 80000] [--repeats 5]

Each of the problem's own warriors fights itself from the other side of a core of 8,000 cells, by the '94 hill's rules.
Times are CPU seconds of this process, of the fastest repeat; a battle is repeated until it has executed enough.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "problems" / "core_war"
CORE, PROCESSES, LENGTH = 8000, 8000, 100
LEAST = 40_000
"""Instructions of one measurement: short battles are fought again until there are as many."""


def rate(machine: Any, side: Any, other: Any, cycles: int) -> float:
    """Instructions a second of a battle."""
    executed, started = 0, time.process_time()
    while executed < LEAST:
        executed += machine.fight(side, other, cycles, PROCESSES).executed
    return executed / (time.process_time() - started)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line per warrior, the median and the slowest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cycles", type=int, default=80_000)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args(arguments)
    sys.path.insert(0, str(FOLDER))
    from mars import Machine, Side
    from redcode import assemble

    machine = Machine(CORE)
    rates: dict[str, float] = {}
    for path in sorted([*FOLDER.glob("warriors/*.red"), *FOLDER.glob("holdout/*.red")]):
        made, entry = assemble(path.read_text(encoding="utf-8"), CORE, LENGTH)
        side, other = Side(made, entry, 0), Side(made, entry, CORE // 2)
        machine.fight(side, other, 1000, PROCESSES)  # every instruction's function is made
        rates[path.stem] = max(rate(machine, side, other, options.cycles) for _ in range(options.repeats))
        print(f"{path.stem:<10} {rates[path.stem]:>12,.0f} instructions/s", flush=True)
    slowest = min(rates, key=lambda name: rates[name])
    print(f"median {statistics.median(rates.values()):,.0f}, slowest {rates[slowest]:,.0f} ({slowest})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
