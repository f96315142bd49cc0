from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import replace

import pytest

from evolve.config import SearchSettings
from evolve.domain import Candidate, Estimate, Evaluation, Origin, Outcome, Program, Status
from evolve.errors import EditError
from evolve.problem import Problem
from evolve.scaffold.base import Draft, OutcomeView, SearchView
from evolve.search import Proposal, Search
from evolve.store.records import TellRow
from evolve.views import Text
from tests.conftest import SEED, literal_error

SETTINGS = SearchSettings(islands=2, learn_first=8, migration_interval=20, stagnation=60)


class Nudger:
    """A scaffold of a few lines: nudges one literal of a random elite, and remembers what it was told."""

    def __init__(self) -> None:
        self.heard: list[OutcomeView] = []

    def propose(self, view: SearchView) -> Draft:
        rng = random.Random(f"{view.seed}:nudge")
        pool = view.elites or view.others
        if view.final or not pool:
            raise EditError(Status.NO_EDIT, "nothing")
        parent = rng.choice(pool[:4])
        ((path, text),) = parent.files.items()
        spots = list(re.finditer(r"-?\d+\.\d+", text))
        spot = rng.choice(spots)
        value = round(float(spot.group()) + rng.gauss(0, 0.3), 3)
        changed = text[: spot.start()] + f"{value:.3f}" + text[spot.end() :]
        return Draft("nudge", {path: changed}, (parent.number,), tag=f"spot{spots.index(spot)}")

    def observe(self, outcome: OutcomeView) -> None:
        self.heard.append(outcome)

    def pins(self) -> frozenset[int]:
        return frozenset()

    def snapshot(self) -> Mapping[str, object]:
        return {"heard": len(self.heard)}


def score(program: Program) -> Evaluation:
    source = program.files[0].text
    error = literal_error(source)
    measures = {"program_length": float(len(source)), "spread": error % 1.0}
    if error > 12:
        return Evaluation(Status.WRONG, feedback="far off")
    return Evaluation(Status.VALID, Estimate(error), {"error": error}, measures)


def drive(search: Search, steps: int) -> list[TellRow]:
    """Ask and tell one by one; returns the log."""
    log: list[TellRow] = []
    for _ in range(steps):
        proposal = search.ask()
        assert proposal is not None
        log.append(tell(search, proposal))
    return log


def tell(search: Search, proposal: Proposal) -> TellRow:
    candidate = proposal.candidate
    evaluation = proposal.failure or score(candidate.program)
    position = search.told
    verdict = search.tell(candidate, evaluation)
    return TellRow(
        position,
        candidate.number,
        candidate.origin,
        proposal.fingerprint,
        evaluation.status,
        evaluation.objective,
        evaluation.measures,
        verdict,
        0.0,
    )


def state(search: Search) -> object:
    islands = search.islands
    return (
        search.best,
        search.told,
        islands.bounds(),
        [sorted((islands.cell(i, n), n) for n in islands.elites(i)) for i in range(SETTINGS.islands)],
    )


def test_the_seed_comes_first_and_founds_every_island(tiny: Problem) -> None:
    search = Search(tiny, SETTINGS, Nudger(), seed=1)
    first = search.ask()
    assert first is not None
    assert first.candidate == Candidate(0, tiny.seed, Origin("seed", 0))
    tell(search, first)
    assert search.best == 0
    assert [list(search.islands.elites(island)) for island in range(2)] == [[0], [0]]


def test_a_minimised_objective_gets_smaller(tiny: Problem) -> None:
    search = Search(tiny, SETTINGS, Nudger(), seed=1)
    log = drive(search, 400)
    bests = [row.objective.mean for row in log if row.verdict.new_best and row.objective is not None]
    assert bests == sorted(bests, reverse=True)
    assert bests[-1] < 0.35 < bests[0]


def test_asking_twice_gives_the_same_and_changes_nothing(tiny: Problem) -> None:
    search = Search(tiny, SETTINGS, Nudger(), seed=3)
    drive(search, 50)
    before = state(search)
    first = search.ask()
    assert first is not None
    search.drop(first.candidate.number)
    assert state(search) == before
    other = Search(tiny, SETTINGS, Nudger(), seed=3)
    drive(other, 50)
    again = other.ask()
    assert again is not None
    assert again.candidate.program == first.candidate.program


@pytest.mark.parametrize("steps", [1, 7, 8, 9, 61, 300])
def test_replay_gives_the_same_state_and_the_same_next_asks(tiny: Problem, steps: int) -> None:
    scaffold = Nudger()
    search = Search(tiny, SETTINGS, scaffold, seed=5)
    programs: dict[int, Text] = {}
    log = []
    for _ in range(steps):
        proposal = search.ask()
        assert proposal is not None
        programs[proposal.candidate.number] = Text(proposal.candidate.program)
        log.append(tell(search, proposal))
    replayed_scaffold = Nudger()
    replayed = Search(tiny, SETTINGS, replayed_scaffold, seed=5)
    replayed.replay(log, lambda numbers: {number: programs[number] for number in numbers})
    assert state(replayed) == state(search)
    assert replayed_scaffold.heard == scaffold.heard
    assert drive(replayed, 40) == drive(search, 40)


def test_a_repeat_is_caught_before_it_is_evaluated(tiny: Problem) -> None:
    class Parrot(Nudger):
        def propose(self, view: SearchView) -> Draft:
            return Draft("parrot", {"curve.py": SEED.replace("# a comment", "#  another comment")}, (0,))

    search = Search(tiny, SETTINGS, Parrot(), seed=1)
    drive(search, 1)
    repeat = search.ask()
    assert repeat is not None
    assert repeat.failure is not None
    assert repeat.failure.status is Status.DUPLICATE
    assert tell(search, repeat).verdict.outcome is Outcome.REJECTED


def test_text_outside_the_editable_files_cannot_change(tiny: Problem) -> None:
    class Vandal(Nudger):
        def propose(self, view: SearchView) -> Draft:
            return Draft("vandal", {**view.elites[0].files, "evaluate.py": "def evaluate(p, c): return {}"}, (0,))

    search = Search(tiny, SETTINGS, Vandal(), seed=1)
    drive(search, 1)
    proposal = search.ask()
    assert proposal is not None
    assert proposal.failure is not None
    assert proposal.failure.status is Status.OUTSIDE_REGION


def test_a_scaffold_without_ideas_is_a_failed_proposal_and_a_finished_polish(tiny: Problem) -> None:
    class Silent(Nudger):
        def propose(self, view: SearchView) -> Draft:
            raise EditError(Status.NO_EDIT, "no idea")

    search = Search(tiny, SETTINGS, Silent(), seed=1)
    drive(search, 1)
    proposal = search.ask()
    assert proposal is not None
    assert proposal.failure is not None
    assert proposal.failure.status is Status.NO_EDIT
    assert search.ask(final=True) is None


def test_an_outsiders_program_is_told_like_any_other(tiny: Problem) -> None:
    search = Search(tiny, SETTINGS, Nudger(), seed=1)
    drive(search, 5)
    perfect = Program.of({"curve.py": SEED.replace("1.0", "3.25").replace("2.0", "-1.5").replace("0.5", "0.125")})
    proposal = search.adopt(perfect, Origin("person", island=1))
    row = tell(search, proposal)
    assert row.verdict.new_best
    assert search.best == row.number


def test_telling_twice_is_an_error(tiny: Problem) -> None:
    search = Search(tiny, SETTINGS, Nudger(), seed=1)
    first = search.ask()
    assert first is not None
    tell(search, first)
    with pytest.raises(KeyError):
        tell(search, first)


def test_of_equals_the_shorter_is_best(tiny: Problem) -> None:
    search = Search(tiny, SETTINGS, Nudger(), seed=1)
    drive(search, 1)
    shorter = search.adopt(
        Program.of({"curve.py": SEED.replace("    # a comment that survives\n", "\n")}), Origin("x", 0)
    )
    evaluation = score(shorter.candidate.program)
    assert search.tell(shorter.candidate, evaluation).new_best
    longer = search.adopt(Program.of({"curve.py": SEED + "\n\n\n# more"}), Origin("x", 0))
    assert not search.tell(
        longer.candidate, replace(evaluation, measures=score(longer.candidate.program).measures)
    ).new_best


def test_memory_follows_the_archive_and_not_the_run(tiny: Problem) -> None:
    search = Search(tiny, SETTINGS, Nudger(), seed=1)
    drive(search, 1500)
    kept = sum(search.text(number) is not None for number in range(1500))
    assert kept <= 2 * len(search.islands.held()) + 256
    assert all(search.text(number) is not None for number in search.islands.held())
