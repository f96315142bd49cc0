"""Whole campaigns over a toy world with known effects: what is certified, and what would have been claimed.

    python -m benchmarks.meta_campaigns [--campaigns 100] [--arms 40] [--seeds 60] [--only null,effect,arms,stuffing]

Scaffolds are real code, edited by a toy model whose answers depend on the question alone; problems are arithmetic, and
a small loop stands for the engine (`tests/meta/toy`). True gains of what campaigns ended with are measured afterwards
on problems and seeds that no campaign has seen. `--campaigns 10 --arms 5 --seeds 20 --words 2` is a small part of it.

Bars: on a model that ignores the scaffold at most 5 % of campaigns certify (one standard error of 100 is 2.2 %); a true
effect of +0.05 is certified in at least 80 % by 8 sealed problems and 24 seeds; certified gains keep their sign on two
held-out personas; words stuffed into the question are worth less than 0.05 either way to the stand-in model, which
reads them (the toy model does not): |gain| + 2 standard errors over towns, by `benchmarks.scaffold_edits`. Figures of
search with a certificate, random edits and flat best-of-N under one limit of calls are printed whoever wins, with the
calls that each took. Exits with 1 when a bar is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks.scaffold_edits import Extent
from benchmarks.scaffold_edits import gain as gain_of_edit
from evolve.domain import Estimate
from evolve.genome.genome import Genome
from evolve.meta import verdicts
from evolve.meta.areas import trial_of
from evolve.meta.bench import Grant
from evolve.meta.book import MemoryBook
from evolve.meta.campaign import Campaign, begin
from evolve.meta.entries import Started
from evolve.meta.records import Stage, SuiteProblem, TrialKey, Use
from evolve.meta.settings import CampaignSettings
from evolve.meta.state import CampaignState
from tests.meta.toy import grammar, mind
from tests.meta.toy.bench import ToyBench, toy_zero
from tests.meta.toy.world import toy_suite

SUITE = toy_suite(6, 8, 2, calls=12)
UNSEEN = toy_suite(0, 24, 0, calls=12).problems[8:]
"""Problems that are in no campaign's suite."""
DESIGN: Mapping[str, Any] = {
    "children": 8,
    "rank_seeds": 6,
    "leaders": 3,
    "confirm_seeds": 8,
    "certificate_seeds": 24,
    "controls": (),
}
"""Of the campaigns that are to find a small effect, or none: about 900 runs of 12 calls each."""
ARMS: Mapping[str, Any] = {
    "calls": 6000,
    "children": 10_000,
    "rank_seeds": 2,
    "confirm_seeds": 4,
    "certificate_seeds": 6,
    "jump": 1e9,
    "controls": (),
}
"""Of the campaigns that are compared under one limit of calls, verdict included. Nothing is held for review (of flat
best-of-N, whose siblings are all alike, the one good scaffold would be), for nobody is there to release it."""
RULES = ("dgm", "clade", "greedy", "flat", "random")
STUFFED = "stuff keywords"
"""The edit of `tests/standin/scaffold_grammar.py` that adds words and nothing else."""
HELD_OUT = ("bold", "careful")
FALSE_BAR, POWER_BAR, WORDS_BAR = 0.05, 0.80, 0.05


def main() -> int:
    """Run what is asked for and print it; 1 when a bar is missed."""
    given = _arguments()
    started, met = time.process_time(), True
    for name in given.only.split(","):
        met &= BARS[name](given)
        print(f"  ({time.process_time() - started:.0f} s of CPU so far)\n", flush=True)
    print("all bars met" if met else "a bar was missed")
    return 0 if met else 1


def null_bar(given: argparse.Namespace) -> bool:
    """A model that ignores what scaffolds say: nothing is ever better, and hardly ever certified."""
    states = [campaign("ignoring", seed, DESIGN) for seed in range(given.campaigns)]
    granted = [state for state in states if certified(state)]
    share = len(granted) / len(states)
    print(f"ignoring model, {len(states)} campaigns: certified {share:.1%} (bar: at most {FALSE_BAR:.0%})")
    _claims(states)
    return share <= FALSE_BAR


def effect_bar(given: argparse.Namespace) -> bool:
    """A true effect of +0.05 that the model thinks of: certified most of the time."""
    sealed = SUITE.used(Use.SEALED)
    gain, error = true_gain(grammar.GOOD.of(toy_zero()), "subtle", 4 * given.seeds, sealed)
    states = [campaign("subtle", seed, DESIGN) for seed in range(given.campaigns)]
    share = sum(map(certified, states)) / len(states)
    print(
        f"true effect {gain:+.4f} ± {error:.4f}, {len(sealed)} sealed problems x {DESIGN['certificate_seeds']} seeds, "
        f"{len(states)} campaigns: certified {share:.1%} (bar: at least {POWER_BAR:.0%})"
    )
    _claims(states)
    winners = [winner(state) for state in states if certified(state)]
    _gains("  true gain of what was certified", [true_gain(each, "subtle", given.seeds)[0] for each in winners])
    return share >= POWER_BAR


def arms_bar(given: argparse.Namespace) -> bool:
    """Search with a certificate beside random edits and flat best-of-N, under one limit of calls; other personas."""
    print(f"{given.arms} campaigns each of at most {ARMS['calls']} calls, true gain on problems that none of them saw:")
    found: dict[str, list[Genome]] = {}
    gains: dict[str, list[float]] = {}
    for rule in RULES:
        states = [campaign("medium", seed, {**ARMS, "rule": rule}) for seed in range(given.arms)]
        finals = [winner(state) if certified(state) else toy_zero() for state in states]
        gains[rule] = [true_gain(each, "medium", given.seeds)[0] for each in finals]
        found[rule] = [final for state, final in zip(states, finals, strict=True) if certified(state)]
        made = statistics.fmean(state.born for state in states)
        calls = statistics.fmean(state.bill.calls for state in states)
        share = len(found[rule]) / len(states)
        _gains(f"  {rule:7} {made:5.1f} children, {calls:5.0f} calls taken, certified {share:4.0%}:", gains[rule])
    for rule in RULES[1:]:
        _gains(f"  dgm minus {rule:7}:", [one - other for one, other in zip(gains["dgm"], gains[rule], strict=True)])
    kept = [_kept(found["dgm"], persona, given.seeds) for persona in HELD_OUT]
    return all(kept)


def _kept(certificates: Sequence[Genome], persona: str, seeds: int) -> bool:
    """Whether certified gains keep their sign, on the mean, with a model that no campaign had."""
    gains = [true_gain(each, persona, seeds)[0] for each in certificates]
    same = sum(gain > 0 for gain in gains)
    _gains(f"  certified by dgm, on held-out persona {persona} ({same} of {len(gains)} above 0):", gains)
    return bool(gains) and statistics.fmean(gains) > 0


def stuffing_bar(given: argparse.Namespace) -> bool:
    """Big words in the question, to a model that reads them: worth about nothing."""
    found = gain_of_edit(STUFFED, Extent("medium", 12, 12, given.words))
    assert found is not None
    print(
        f"words stuffed into the question, stand-in medium, 12 towns x {given.words} seeds x 12 calls: "
        f"{found.mean:+.4f} ± {found.stderr or 0.0:.4f} (bar: with 2 standard errors below {WORDS_BAR} either way)"
    )
    return about_nothing(found)


def about_nothing(gain: Estimate) -> bool:
    """Whether a gain is shown to be small. That none was found in too few runs is not enough."""
    return gain.stderr is not None and abs(gain.mean) + 2 * gain.stderr < WORDS_BAR


BARS: Mapping[str, Callable[[argparse.Namespace], bool]] = {
    "null": null_bar,
    "effect": effect_bar,
    "arms": arms_bar,
    "stuffing": stuffing_bar,
}


def campaign(persona: str, seed: int, design: Mapping[str, Any]) -> CampaignState:
    """A whole campaign from the toy scaffold."""
    book, bench = MemoryBook(), ToyBench(mind.PERSONAS[persona])
    settings = CampaignSettings(**{**design, "seed": seed})
    begin(book, Started(SUITE, settings, toy_zero().digest, seed, bench.digests()), toy_zero())
    run = Campaign(book, bench)
    asyncio.run(run.run())
    for member in run.state.members:
        _KNOWN[member.digest] = book.genome(member.digest)
    return run.state


_KNOWN: dict[str, Genome] = {}


def certified(state: CampaignState) -> bool:
    """Whether a campaign certified a scaffold."""
    return state.certificate is not None and state.certificate.granted


def winner(state: CampaignState) -> Genome:
    """The scaffold that was chosen for the certificate."""
    assert state.chosen is not None
    return _KNOWN[state.member(state.chosen.number).digest]


def true_gain(
    genome: Genome, persona: str, seeds: int, problems: tuple[SuiteProblem, ...] = UNSEEN
) -> tuple[float, float]:
    """The mean gain over the toy scaffold, with its standard error."""
    own, base = _areas(genome, persona, seeds, problems), _areas(toy_zero(), persona, seeds, problems)
    differences = [one - other for one, other in zip(own, base, strict=True)]
    return statistics.fmean(differences), statistics.stdev(differences) / math.sqrt(len(differences))


_MEASURED: dict[tuple[str, str, int, str], tuple[float, ...]] = {}


def _areas(genome: Genome, persona: str, seeds: int, problems: tuple[SuiteProblem, ...]) -> tuple[float, ...]:
    """Areas on seeds (below 0) that no campaign draws."""

    async def measured() -> list[float]:
        bench, found = ToyBench(mind.PERSONAS[persona]), []
        for problem in problems:
            for seed in range(-seeds, 0):
                key = TrialKey(0, problem.name, seed, Stage.CERTIFY, SUITE.calls)
                run = await bench.measure(genome, problem, key, Grant(None, SUITE.calls))
                found.append(trial_of(problem, key, run).area)
        return found

    known = genome.digest, persona, seeds, problems[0].name
    if known not in _MEASURED:
        _MEASURED[known] = tuple(asyncio.run(measured()))
    return _MEASURED[known]


def _claims(states: Sequence[CampaignState]) -> None:
    """What the same searches claim without a certificate."""
    tried = [state for state in states if state.chosen is not None]
    confirmed = [state.chosen.confirmed for state in tried if state.chosen is not None]
    final = [state.certificate.contest.mean for state in tried if state.certificate is not None]
    print(f"  {len(tried)} of {len(states)} chose a scaffold; the rest ended with nothing to certify")
    _gains("  best gain by rank of all of them (the uncertified claim)", [best_rank_gain(state) for state in states])
    _gains("  on fresh seeds of the search problems", confirmed)
    _gains("  on the sealed problems", final)


def best_rank_gain(state: CampaignState) -> float:
    """What a search without a certificate would report: its best scaffold's gain, 0 where that is the first one."""
    return max((0.0, *verdicts.gains(state, Stage.RANK).values()))


def _gains(what: str, values: Sequence[float]) -> None:
    if len(values) < 2:
        print(what, *[f"{value:+.4f}" for value in values], flush=True)
        return
    error = statistics.stdev(values) / math.sqrt(len(values))
    print(f"{what} {statistics.fmean(values):+.4f} ± {error:.4f}", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--campaigns", type=int, default=100, help="of the first two bars")
    parser.add_argument("--arms", type=int, default=40, help="campaigns of each rule that is compared")
    parser.add_argument("--seeds", type=int, default=30, help="runs per problem behind a true gain")
    parser.add_argument("--words", type=int, default=6, help="seeds per town behind the gain of stuffed words")
    parser.add_argument("--only", default=",".join(BARS), help="some of them, with commas")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
