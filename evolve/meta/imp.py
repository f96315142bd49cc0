"""imp@k: how good a scaffold is at improving scaffolds, apart from how good it is at improving programs.

Its `meta/` is frozen and makes k children of one fixed base, the campaign's first scaffold, each from the same digest
and none knowing of the others. What counts is what they gain over that base. (After the measure of self-improvement
skill in Zhang et al. 2025, Darwin Gödel Machine, arXiv 2505.22954, whose agents are also scored by their children.)
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import replace

from evolve.domain import Status
from evolve.errors import SettingsError
from evolve.genome import static as fences
from evolve.genome.genome import Genome
from evolve.meta import cells, digest, making, manifest, purse
from evolve.meta.areas import problem_differences
from evolve.meta.batch import Batch
from evolve.meta.bench import Bench
from evolve.meta.book import Book
from evolve.meta.entries import Bill, EditMade, ImpMade, Reserved, imp_purpose
from evolve.meta.records import ZERO, Stage, Trial, TrialKey, Use
from evolve.meta.state import CampaignState, fold
from evolve.scaffold.base import ModelView

NUMBERS = 2_000_000
"""Where the numbers of such children begin: they are no members of the archive."""

MOST = 1000
"""Children of one scaffold, so that numbers never meet."""


def calls_needed(state: CampaignState, k: int) -> int:
    """Most calls that imp@k takes."""
    return k * (purse.EDIT_CALLS + cells.calls_of(cells.ranking(state, ZERO)))


def check_k(k: int) -> None:
    """Raises SettingsError for a number of children that cannot be made."""
    if not 1 <= k <= MOST:
        raise SettingsError(f"imp@{k} cannot be measured; k must be from 1 to {MOST}")


async def measure_imp(
    book: Book,
    bench: Bench,
    number: int,
    k: int,
    models: Sequence[ModelView] = (),
    static: making.Static = fences.faults,
) -> ImpMade:
    """Measure a scaffold's skill and log it. Asked again for the same k, it answers from the log.

    Killed, it goes on when it is asked again; until then the calls it may have taken stay put aside.

    Raises SettingsError for a campaign that is not calibrated, a k out of range, or a budget that does not cover it,
    UserError where what decides the numbers is not as it was when the base was measured, KeyError for a scaffold that
    is none of the archive, BudgetSpent, and what the bench raises.
    """
    state = fold(book.entries())
    if state is None or not state.problems(Use.SEARCH) or state.usable is None:
        raise SettingsError("imp@k is measured on the problems a campaign found to have room; run the campaign first")
    for made in state.imps:
        if (made.scaffold, made.k) == (number, k):
            return made
    manifest.check(state.digests, bench.digests())
    check_k(k)
    improver, base = book.genome(state.member(number).digest), book.genome(state.base)
    state = _covered(book, state, number, k)
    asked = [await _child(state, bench, improver, base, number, turn, models, static) for turn in range(k)]
    genomes = {made.number: child for made, child in asked if child is not None}
    for child in genomes.values():
        book.keep(child)
    trials = await _measured(state, bench, genomes)
    entry = ImpMade(
        number,
        state.base,
        k,
        gains=tuple(_gain(state, trials, each) for each in genomes),
        refused=tuple(made.reason or made.status.value for made, child in asked if child is None),
        bill=sum((_bill(trial) for trial in trials), sum((made.bill for made, _ in asked), Bill())),
    )
    book.append(entry)
    return entry


def _covered(book: Book, state: CampaignState, number: int, k: int) -> CampaignState:
    """The state to measure in, with all its calls put aside in the log. Raises SettingsError for limits too low."""
    purpose, needed = imp_purpose(number, k), calls_needed(state, k)
    alone = state.freed(purpose)
    if not purse.affords(alone, needed):
        begun = ", ".join(f"{calls} for {name}" for name, calls in alone.reserved.items())
        aside = f" besides what is put aside for what was begun ({begun}; repeat it to its end)" if begun else ""
        raise SettingsError(
            f"imp@{k} takes up to {needed} calls, which the campaign's limits do not cover{aside}; raise them, or "
            "choose a smaller k"
        )
    if purpose not in state.reserved:
        book.append(Reserved(purpose, needed))
    return alone


async def _child(
    state: CampaignState,
    bench: Bench,
    improver: Genome,
    base: Genome,
    scaffold: int,
    turn: int,
    models: Sequence[ModelView],
    static: making.Static,
) -> tuple[EditMade, Genome | None]:
    """Child `turn` (from 0) of the base by a scaffold's `meta/`."""
    number = NUMBERS + scaffold * MOST + turn
    view = digest.view(state, ZERO, base, models, f"imp:{scaffold}:{turn}")
    alone = replace(view, attempts=())
    made = await bench.edit(improver, alone, number, purse.whole(state, purse.EDIT_CALLS))
    names = [problem.name for problem in state.problems(Use.SEARCH)]
    entry, child = making.judged(number, ZERO, base, made, known=(), problems=names, static=static)
    return (entry, child) if entry.status is Status.VALID else (entry, None)


async def _measured(state: CampaignState, bench: Bench, genomes: dict[int, Genome]) -> list[Trial]:
    """The children's runs, on the problems and seeds the base was calibrated on."""
    keys = [
        TrialKey(number, key.problem, key.seed, Stage.IMP, key.calls)
        for number in genomes
        for key in cells.ranking(state, ZERO)
    ]
    return [trial async for trial in Batch(state, bench, genomes, lambda: "").trials(keys)]


def _gain(state: CampaignState, trials: Sequence[Trial], number: int) -> float:
    base = [trial for trial in state.ranking() if trial.key.scaffold == ZERO]
    own = [trial for trial in trials if trial.key.scaffold == number]
    return statistics.fmean(problem_differences(own, base).values())


def _bill(trial: Trial) -> Bill:
    return Bill(trial.measured.calls, trial.measured.tokens, trial.measured.cost)
