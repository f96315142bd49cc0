"""How many older champions still beat the newest, after rounds against all of them and against the last one alone.

The claim to measure, of Digital Red Queen (Kumar et al. 2026, arXiv 2601.03335) as the project states it: with the full
history fewer than 5 % of the older champions beat the newest, with only the last one about a quarter. Every series of
one seed has the same budget; without a model the built-in proposer makes all candidates. Duels are measured in the
sandbox by the problem's own evaluator, on cases no round was won on.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evolve.config import Settings, load_settings, toml_value
from evolve.duels import Arena
from evolve.rounds import Rounds
from evolve.session import Session
from evolve.store import Store, open_store

FOLDER = Path(__file__).parent.parent / "problems" / "core_war"
HISTORIES: Mapping[str, int | None] = {"all champions": None, "the last alone": 1}
CLAIMED = {"all champions": "under 0.05", "the last alone": "about 0.25"}


@dataclass(frozen=True, slots=True)
class Found:
    """One series: shares of older champions that beat the newest and any later champion, cycles, held-out scores."""

    newest: float
    later: float
    cycles: float
    holdout: Sequence[float]


def main() -> int:
    """Print every series, then means with standard errors over seeds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--problem", type=Path, default=FOLDER)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--evaluations", type=int, default=80, help="of each round")
    parser.add_argument("--parameter", "-p", action="append", default=[], help="as of evolve run: name=value")
    given = parser.parse_args()
    started = time.monotonic()
    print(f"{given.problem.name}: {given.rounds} rounds of {given.evaluations} evaluations, {given.seeds} seeds")
    results: dict[str, list[Found]] = {name: [] for name in HISTORIES}
    for seed in range(given.seeds):
        for name, history in HISTORIES.items():
            found = series(given.problem, _settings(given, seed), history, given.rounds)
            results[name].append(found)
            held = " ".join(f"{value:.4g}" for value in found.holdout)
            print(
                f"  seed {seed}, against {name}: beat the newest {found.newest:.2f}, beat any later one"
                f" {found.later:.2f}, cycles {found.cycles:.2f}; held out by round: {held}",
                flush=True,
            )
    for name, found_ones in results.items():
        print(
            f"against {name}: share of older champions that beat the newest"
            f" {spread([each.newest for each in found_ones])} (claimed: {CLAIMED[name]}), that beat any later one"
            f" {spread([each.later for each in found_ones])}, triples that go round"
            f" {spread([each.cycles for each in found_ones])}, held-out gain of the last round over the first"
            f" {spread([each.holdout[-1] - each.holdout[0] for each in found_ones])}"
        )
    print(f"{time.monotonic() - started:.0f} s")
    return 0


def _settings(given: argparse.Namespace, seed: int) -> Settings:
    pairs = [text.split("=", 1) for text in given.parameter]
    parameters = {name: toml_value(value) for name, value in pairs}
    overrides = [f"seed={seed + 1}", f"budget.evaluations={given.evaluations}", "sandbox.backend=local"]
    return load_settings([], [*overrides, "scaffold.polish=0"], problem={"parameters": parameters})


def series(folder: Path, settings: Settings, history: int | None, rounds: int) -> Found:
    """Play one series in a database of its own."""
    with tempfile.TemporaryDirectory() as place, open_store(Path(place) / "evolve.db", create=True) as store:
        played = Rounds(store, folder, settings, history=history)
        for _ in range(rounds):
            sitting = played.sitting()
            assert sitting is not None
            asyncio.run(Session(store, sitting.run, sitting.problem, sitting.settings).run())
        return _found(store, played, settings)


def _found(store: Store, played: Rounds, settings: Settings) -> Found:
    done = played.finished()
    keys = [each.key for each in done]
    duels = asyncio.run(Arena(store, played.folder, settings, keys).measure())
    shares = [duels.beaten_by(keys[: place + 1]) for place in range(1, len(keys))]
    triples = math.comb(len(keys), 3)
    held = [played.outcome(each).holdout for each in done]
    return Found(
        newest=shares[-1] or 0.0,
        later=statistics.mean(share or 0.0 for share in shares),
        cycles=duels.cycles(keys) / triples if triples else 0.0,
        holdout=[each.objective.mean if each and each.objective else math.nan for each in held],
    )


def spread(values: Sequence[float]) -> str:
    """Mean and standard error."""
    if len(values) < 2:
        return f"{values[0]:.3g}"
    return f"{statistics.mean(values):.3g} ± {statistics.stdev(values) / math.sqrt(len(values)):.2g}"


if __name__ == "__main__":
    sys.exit(main())
