"""Who holds which cell and who is the best; on noisy problems, who must be looked at again before that changes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from evolve.archive.elites import TOP
from evolve.archive.islands import Islands
from evolve.archive.records import ArchiveEvent, Dismissed, Entry
from evolve.config import NoiseSettings
from evolve.domain import SEED_NUMBER, Estimate, Origin, Outcome, Relook, Series, Status, Verdict
from evolve.noise import Looks, Noise, Wanted
from evolve.problem import Problem
from evolve.views import Views

LENGTH = "program_length"
"""The measure that breaks ties between equal scores."""

Duel = tuple[int, int]
"""A rival's number, and the most looks that a comparison with it is worth."""


@dataclass(frozen=True, slots=True)
class Entrant:
    """A candidate about to be told, with all looks at it; a failure has no objective and no looks.

    `cell` is where it would live, None while the archive learns its bounds.
    """

    number: int
    origin: Origin
    status: Status
    objective: Estimate | None = None
    looks: Looks = field(default_factory=dict)
    measures: Mapping[str, float] = field(default_factory=dict)
    cell: int | None = None


class Rivals:
    """The archive, the best, and the looks that decide about them. State is a function of the settings and the tells.

    A candidate's place in the archive is that of its first look; further looks change scores alone.

    Args:
        problem: Its measures are the axes.
        noise: How many looks are worth it.
        islands: The archive.
        views: Knows every candidate's score.
    """

    def __init__(self, problem: Problem, noise: NoiseSettings, islands: Islands, views: Views) -> None:
        objective = problem.spec.objective
        self.islands = islands
        self.noise = Noise(noise, timing=problem.spec.evaluation.timing)
        self._sign = objective.direction.sign
        self._bounded = objective.bound is not None
        self._axes = tuple(measure.name for measure in problem.spec.measures)
        self._views = views
        self._best: tuple[float, float, int] | None = None
        self._looks: dict[int, dict[int, float]] = {}
        self._lengths: dict[int, float] = {}
        self._parents: dict[int, tuple[int, ...]] = {}
        self._dismissed: set[int] = set()
        self._quarantined: set[int] = set()
        self._seed: tuple[Entry, ...] = ()
        self._events: tuple[ArchiveEvent, ...] = ()

    @property
    def best(self) -> int | None:
        """Number of the best valid candidate: by objective, then the shorter one, then the earlier one."""
        return None if self._best is None else self._best[2]

    def looks(self, number: int) -> Looks:
        """Every look at a valid candidate that was told, sign-turned."""
        if number in self._looks:
            return self._looks[number]
        score = self._views.score(number)
        return {} if score is None else {0: score}

    def drain_events(self) -> tuple[ArchiveEvent, ...]:
        """What the archive did beyond placing candidates since the last call."""
        events, self._events = self._events, ()
        return events

    def entrant(
        self,
        number: int,
        origin: Origin,
        status: Status,
        objective: Estimate | None,
        measures: Mapping[str, float],
        relooks: Sequence[Relook] = (),
        logged: int | None = None,
    ) -> Entrant:
        """A candidate with the looks made at it before its tell; one of them that failed is its failure.

        `logged` is the cell that a log names, which spares working it out.
        """
        failed = [look.status for look in relooks if look.number == number and look.status is not Status.VALID]
        if any(parent in self._quarantined for parent in origin.parents):
            return Entrant(number, origin, Status.SUSPECT)
        if objective is None or failed:
            return Entrant(number, origin, failed[0] if failed else status)
        looks = self._merged(number, {0: self._sign * objective.mean}, relooks)
        if len(looks) > 1:
            objective = self._estimate(looks)
        entrant = Entrant(number, origin, status, objective, looks, measures)
        if not self.noise.noisy or self.islands.bounds() is None:
            return entrant
        return replace(entrant, cell=self.islands.cell_for(self.entries(entrant)[0]) if logged is None else logged)

    def entries(self, entrant: Entrant) -> list[Entry]:
        """What goes into the archive: nothing for a failure, and the seed once for every island."""
        objective = entrant.objective
        if objective is None:
            return []
        place = tuple(entrant.measures[name] for name in self._axes)
        islands = range(self.islands.count) if entrant.number == SEED_NUMBER else (entrant.origin.island,)
        score = self._sign * objective.mean
        return [Entry(entrant.number, island, score, objective.stderr, place) for island in islands]

    # ---------------------------------------------------------------- who is to be looked at again

    def further(self, entrant: Entrant, relooks: Sequence[Relook]) -> tuple[Wanted, ...]:
        """Looks that are wanted before this candidate is told, given those made for it already; none when all is clear.

        The seed's measure the noise. Any other is compared with the elite whose cell it wants and with the best, and
        whoever migrates at its tell is looked at first.
        """
        if not entrant.looks:
            return ()
        if entrant.number == SEED_NUMBER:
            return self.noise.more(SEED_NUMBER, entrant.looks, self.noise.settings.seed_looks)
        if not self.noise.noisy:
            return ()
        out = {look.number for look in relooks if look.status is not Status.VALID}
        for rival, most in self._duels(entrant):
            if rival in out:
                continue
            looks = self._merged(rival, self.looks(rival), relooks)
            if more := self.noise.duel((entrant.number, entrant.looks), (rival, looks), most):
                return more
            if self.noise.compare(entrant.looks, looks).ahead < 0:
                break  # nobody who does not win a cell is the best
        return self._before_migration(entrant, relooks, out)

    def _duels(self, entrant: Entrant) -> Iterator[Duel]:
        holder, best, settings = self._holder(entrant), self.best, self.noise.settings
        if holder is not None and holder != best:
            yield holder, settings.looks
        if best is not None:
            yield best, settings.contender_looks

    def _holder(self, entrant: Entrant) -> int | None:
        return None if entrant.cell is None else self.islands.occupant(entrant.origin.island, entrant.cell)

    def _before_migration(self, entrant: Entrant, relooks: Sequence[Relook], out: set[int]) -> tuple[Wanted, ...]:
        """Looks at those who migrate at this tell."""
        if entrant.cell is None:
            return ()
        changed = sorted({look.number for look in relooks} - out - {entrant.number})
        merged = {number: self._merged(number, self.looks(number), relooks) for number in changed}
        scores = [(number, Estimate.of(looks.values())) for number, looks in merged.items()]
        rescored = [(number, score.mean, score.stderr) for number, score in scores]
        holder = self._holder(entrant)
        admitted = None if holder is None else self._beats(entrant, merged.get(holder) or self.looks(holder))
        for number in self.islands.travellers(self.entries(entrant)[0], entrant.cell, admitted, rescored):
            looks = entrant.looks if number == entrant.number else merged.get(number) or self.looks(number)
            if number not in out and (more := self.noise.more(number, looks, self.noise.settings.looks)):
                return more
        return ()

    def _beats(self, entrant: Entrant, looks: Looks) -> bool:
        return self.noise.compare(entrant.looks, looks).ahead > 0

    def finalists(self, most: int) -> tuple[int, ...]:
        """The best and the elites that are not clearly behind it, ranked by their score less its standard error.

        The first of many elites of one look are the lucky ones.
        """
        assert self.noise.sd is not None, "only noisy problems have finals"
        if self.best is None:
            return ()
        leader, sd = self.looks(self.best), self.noise.sd
        ranked: list[tuple[float, int]] = []
        tops = {number for island in range(self.islands.count) for number in self.islands.top(island, TOP)}
        for number in tops | {self.best}:
            looks = self.looks(number)
            duel = self.noise.compare(looks, leader)
            if number == self.best or duel.ahead > -self.noise.settings.z * duel.stderr:
                ranked.append((Estimate.of(looks.values()).mean - sd / math.sqrt(len(looks)), number))
        ranked.sort(key=lambda rank: (-rank[0], rank[1]))
        chosen = [number for _, number in ranked if number != self.best][: most - 1]
        return (self.best, *chosen)

    # ---------------------------------------------------------------- telling

    def apply(self, relooks: Sequence[Relook]) -> None:
        """Take in looks at candidates that were told before; one that failed leaves the archive.

        The seed stays: an island that loses its last elite goes back to it.
        """
        for look in relooks:
            failed = look.status is not Status.VALID
            if look.number in self._dismissed or (failed and look.number == SEED_NUMBER):
                continue
            if failed:
                self._dismiss(look)
            elif look.series is Series.SEARCH and self._views.score(look.number) is not None:
                self._rescore(look.number, self._merged(look.number, self.looks(look.number), [look]))

    def tell(self, entrant: Entrant, logged: Verdict | None = None, frozen: Sequence[int] | None = None) -> Verdict:
        """Place an entrant. `logged` is what became of it before, when a log is replayed; `frozen` as for `Islands`."""
        entries = self.entries(entrant)
        if not entries:
            if entrant.status is Status.SUSPECT:
                self._quarantined.add(entrant.number)
            return Verdict(Outcome.REJECTED, entrant.origin.island)
        self.remember(entrant, entries)
        holder = self._holder(entrant)
        admitted = None if holder is None else self._beats(entrant, self.looks(holder))
        new_best = self._leads(entrant) if logged is None else logged.new_best
        if self.noise.noisy and entrant.number != SEED_NUMBER:
            for rival, _ in tuple(self._duels(entrant)):
                self.noise.learn(entrant.looks, self.looks(rival))
        cell = None if logged is None else logged.cell
        placements = [self.islands.add(entry, admitted=admitted, cell=cell, frozen=frozen) for entry in entries]
        self._events += tuple(event for placement in placements for event in placement.events)
        if new_best:
            self._best = (entries[0].score, -entrant.measures.get(LENGTH, 0.0), entrant.number)
        first = placements[0]
        gain = None if (parent := self._parent_score(entrant.origin)) is None else entries[0].score - parent
        return Verdict(first.outcome, first.island, first.cell, first.replaced, new_best, gain)

    def crown(self, entrant: Entrant) -> None:
        """Make a candidate the best because the log says so."""
        self._best = (self.entries(entrant)[0].score, -entrant.measures.get(LENGTH, 0.0), entrant.number)

    @property
    def may_dismiss(self) -> bool:
        """Whether a later look may yet take a candidate out of the run."""
        return self.noise.noisy or self._bounded

    def remember(self, entrant: Entrant, entries: Sequence[Entry]) -> None:
        """Keep what later looks and later failures will need. Part of `tell`."""
        if entrant.number == SEED_NUMBER:
            self._seed = tuple(entries)
            self.noise.measure(entrant.looks)
        if len(entrant.looks) > 1:
            self._looks[entrant.number] = dict(entrant.looks)
            self.noise.note(entrant.looks)
        if self.may_dismiss and entries:
            self._lengths[entrant.number] = entrant.measures.get(LENGTH, 0.0)
            self._parents[entrant.number] = entrant.origin.parents

    def _leads(self, entrant: Entrant) -> bool:
        if self._best is None or entrant.objective is None:
            return True
        score, length, best = self._best
        mine = (-entrant.measures.get(LENGTH, 0.0), -entrant.number)
        ahead = self._sign * entrant.objective.mean - score
        if self.noise.noisy and entrant.number != SEED_NUMBER:
            ahead = self.noise.compare(entrant.looks, self.looks(best)).ahead
        return ahead > 0 or (ahead == 0 and mine > (length, -best))

    def _parent_score(self, origin: Origin) -> float | None:
        return self._views.score(origin.parents[0]) if origin.parents else None

    def _merged(self, number: int, looks: Looks, relooks: Sequence[Relook]) -> dict[int, float]:
        """The looks at a candidate with those of the search among `relooks`; what was there first stays."""
        merged = dict(looks)
        for relook in relooks:
            if relook.number == number and relook.series is Series.SEARCH:
                merged = {**{look: self._sign * value for look, value in relook.values.items()}, **merged}
        return dict(sorted(merged.items()))

    def _estimate(self, looks: Looks) -> Estimate:
        """Of the objective itself."""
        return Estimate.of(self._sign * value for value in looks.values())

    def _rescore(self, number: int, looks: dict[int, float]) -> None:
        score = Estimate.of(looks.values())
        self._looks[number] = looks
        self.noise.note(looks)
        self._views.rescore(number, score.mean, score.stderr, score.n)
        self.islands.rescore(number, score.mean, score.stderr)
        if self._best is not None and self._best[2] == number:
            self._best = (score.mean, *self._best[1:])

    # ---------------------------------------------------------------- leaving

    def _dismiss(self, look: Relook) -> None:
        """Take a candidate out of the run; a suspect one goes with all its descendants."""
        gone = [look.number]
        if look.status is Status.SUSPECT:
            gone = self._family(look.number)
            self._quarantined.update(gone)
        for number in gone:
            self._dismissed.add(number)
            self._views.dismiss(number)
            self.islands.remove(number)
        self._resettle()
        if self.best in self._dismissed:
            self._elect()
        self._events += (Dismissed(look.number, look.status, look.feedback, tuple(gone[1:])),)

    def _family(self, number: int) -> list[int]:
        """A candidate and all that descend from it; parents are told before their children."""
        family = {number}
        for child in sorted(self._parents):
            if any(parent in family for parent in self._parents[child]):
                family.add(child)
        return sorted(family)

    def _resettle(self) -> None:
        """An island that lost its last elite goes on from the seed."""
        for entry in self._seed:
            if not self.islands.size(entry.island):
                score = Estimate.of(self.looks(SEED_NUMBER).values())
                self.islands.found(replace(entry, score=score.mean))

    def _elect(self) -> None:
        """The best has left: the best of the elites takes its place."""
        tops = {number for island in range(self.islands.count) for number in self.islands.top(island, 1)}
        ranked = [(self.islands.entry(number).score, -self._lengths[number], number) for number in tops]
        self._best = max(ranked, key=lambda rank: (rank[0], rank[1], -rank[2]), default=None)
