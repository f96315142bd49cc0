"""True effects of scaffold edits: the area of runs with an edited scaffold zero against scaffold zero itself.

    python -m benchmarks.scaffold_edits [--edits "drop feedback,focus"] [--persona medium] [--towns 12] [--seeds 2]

Same towns, same seeds, the stand-in model in this process, the edited scaffold in one of its own. Prints the mean
difference with its standard error over towns. The kinds in tests/standin/scaffold_grammar.py come from here.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmarks.standin_runs import Think, measure
from evolve.assembly import scaffold_settings
from evolve.config import Settings
from evolve.domain import Estimate
from evolve.genome.folder import manifest_of, zero
from evolve.genome.genome import Genome
from evolve.genome.lines import ProcessLines
from evolve.genome.remote import RemoteScaffold
from evolve.meta.records import Stage, SuiteProblem, TrialKey, Use
from evolve.scaffold.base import Scaffold, TaskView
from tests.standin.mind import PERSONAS, think
from tests.standin.scaffold_grammar import GRAMMAR

TOWN = Path(__file__).parent / "problems" / "town_load"


@dataclass(frozen=True)
class Extent:
    """How much is measured: the stand-in's persona, calls of a run, towns, and seeds of each."""

    persona: str
    calls: int
    towns: int
    seeds: int


def main() -> None:
    """Print one line per edit that applies to scaffold zero."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaffold_edits", description=__doc__.splitlines()[0])
    parser.add_argument("--edits", default="drop feedback,focus,worst parent", help="names, by comma; or all")
    parser.add_argument("--persona", choices=sorted(PERSONAS), default="medium")
    parser.add_argument("--calls", type=int, default=20)
    parser.add_argument("--towns", type=int, default=12)
    parser.add_argument("--seeds", type=int, default=2)
    given = parser.parse_args()
    extent = Extent(given.persona, given.calls, given.towns, given.seeds)
    print(f"scaffold zero: area {Estimate.of(areas(zero(), extent).values()).mean:.3f}", flush=True)
    for edit in GRAMMAR:
        if given.edits == "all" or edit.name in given.edits.split(","):
            found = gain(edit.name, extent)
            if found is not None:
                print(f"{edit.name:20} {edit.kind.value:8} {found.mean:+.3f} ± {found.stderr or 0.0:.3f}", flush=True)


def gain(name: str, extent: Extent) -> Estimate | None:
    """The mean gain by town of scaffold zero after an edit over scaffold zero; None where it does not apply."""
    genome = next(edit for edit in GRAMMAR if edit.name == name).of(zero())
    if genome is None:
        return None
    own, base = areas(genome, extent), areas(zero(), extent)
    return Estimate.of([own[town] - base[town] for town in base])


@cache
def areas(genome: Genome, extent: Extent) -> Mapping[int, float]:
    """The mean area of a scaffold by town."""

    def answer(messages: Sequence[tuple[str, str]], seed: str) -> str:
        return think(PERSONAS[extent.persona], tuple(messages), seed).text

    found: dict[int, float] = {}
    for town in range(1, extent.towns + 1):
        problem = SuiteProblem(f"town-{town}", str(TOWN), Use.SEARCH, 0.0, {"town": town})
        keys = [TrialKey(0, problem.name, seed, Stage.RANK, extent.calls) for seed in range(extent.seeds)]
        found[town] = Estimate.of([area(genome, problem, key, answer) for key in keys]).mean
    return found


def area(genome: Genome, problem: SuiteProblem, key: TrialKey, answer: Think) -> float:
    """The area of one run."""
    made: list[RemoteScaffold] = []

    def make(task: TaskView, settings: Settings) -> Scaffold:
        made.append(RemoteScaffold(ProcessLines(genome), manifest_of(genome), task, scaffold_settings(settings)))
        return made[0]

    try:
        return measure(problem, key, answer, make).area
    finally:
        for scaffold in made:
            scaffold.close()


if __name__ == "__main__":
    main()
