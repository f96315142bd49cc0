"""Rounds against champions: every round is a run whose opponents are the winners of the rounds before it.

A round is another objective, for it has other opponents; so it is a run of its own, called NAME.1, NAME.2 and so on,
with its own problem digest, archive, budget and held-out score. A series is nothing but those runs: which champions a
run was given stands in its settings, and with that everything can be read off the database and gone on with.

After Kumar et al. 2026, Digital Red Queen (arXiv 2601.03335): a round's winner joins the opponents of all later rounds
or of the next few, and archives are not carried over. There, a round's archive is begun with all past champions; here
a search begins with one program, the newest of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evolve.assembly import derived_seed, inputs_of, named_inputs
from evolve.config import BudgetSettings, Settings, settings_from
from evolve.domain import Estimate, Evaluation, Series
from evolve.duels import Key
from evolve.errors import ProblemError, SettingsError
from evolve.problem import Problem, load_problem
from evolve.session import choose_run
from evolve.store import RunRow, RunStatus, Store

_PAGE = 200


@dataclass(frozen=True, slots=True)
class Round:
    """A round that began: its number from 1, its run, and the number of its champion (None before it is over)."""

    number: int
    run: RunRow
    champion: int | None

    @property
    def key(self) -> Key:
        """Run and candidate of the champion. Raises ValueError before there is one."""
        if self.champion is None:
            raise ValueError(f"round {self.number} has no champion yet")
        return self.run.id, self.champion

    @property
    def opponents(self) -> tuple[Key, ...]:
        """The champions it was given, oldest first; none in round 1, which has the problem's own opponents."""
        return _champions(self.run)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a champion got: on the cases of its round, and on held-out ones (None where there are none)."""

    score: Estimate | None
    confirmed: bool
    holdout: Evaluation | None


@dataclass(frozen=True, slots=True)
class Sitting:
    """A round to sit at: its run, and the problem and settings that belong to it."""

    number: int
    run: RunRow
    problem: Problem
    settings: Settings


class Rounds:
    """A series of rounds in a database.

    Args:
        store: Open for writing.
        folder: The problem.
        settings: Of every round; a seed in them is the seed of the whole series, each round having its own from it.
        name: Of the series; the problem's name when empty.
        history: How many of the latest champions are opponents; None for all of them.
        total: What all rounds together may use.
        new: Begin another series even if there is one of this name.

    Raises:
        ProblemError: the problem is at fault, or changed since a round of the series began.
        SettingsError: the settings or the history changed.
    """

    def __init__(
        self,
        store: Store,
        folder: Path,
        settings: Settings,
        name: str = "",
        *,
        history: int | None = None,
        total: BudgetSettings | None = None,
        new: bool = False,
    ) -> None:
        self.store = store
        self._settings = settings
        problem = load_problem(folder, inputs_of(settings.problem))
        self.name, self.folder, self.objective = name or problem.name, folder, problem.spec.objective
        self._history = history
        self._total = total or BudgetSettings()
        self._runs = [] if new else self._found()
        self._check()

    @property
    def rounds(self) -> tuple[Round, ...]:
        """Every round that began, in order; all but the last are over."""
        runs = [self.store.run(run_id) for run_id in self._runs]
        taken = [_champions(run)[-1][1] for run in runs[1:]]
        over = bool(runs) and runs[-1].status is RunStatus.FINISHED
        last = [runs[-1].summary.best_number if over else None] if runs else []
        champions = [*taken, *last]
        return tuple(Round(place + 1, run, champions[place]) for place, run in enumerate(runs))

    def finished(self) -> tuple[Round, ...]:
        """The rounds that have a champion."""
        return tuple(each for each in self.rounds if each.champion is not None)

    def sitting(self) -> Sitting | None:
        """The round to sit at: the one that is not over, or else a new one; None when the total is used up.

        Raises ProblemError, NotFound, DatabaseError.
        """
        done = self.finished()
        number = len(done) + 1
        budget = self._budget(done)
        if budget is None:
            return None
        settings = self._settings_of(number, [each.key for each in done]).model_copy(update={"budget": budget})
        problem = self._problem(settings)
        if number > len(self._runs):
            run = choose_run(self.store, problem, settings, name=f"{self.name}.{number}", new=True)
            self._runs.append(run.id)
        return Sitting(number, self.store.run(self._runs[number - 1]), problem, settings)

    def outcome(self, each: Round) -> Outcome:
        """What the champion of a round that is over got."""
        row = self.store.candidate(*each.key)
        confirmed = row.estimate(Series.CONFIRM)
        return Outcome(confirmed or row.estimate(), confirmed is not None, row.holdout)

    def _found(self) -> list[int]:
        """The runs of the latest series of this name: each was given the one before it."""
        named = self._named()
        chain: list[int] = []
        while True:
            candidates = named.get(f"{self.name}.{len(chain) + 1}", [])
            follows = (run for run in candidates if not chain or _follows(self.store.run(run), chain[-1]))
            found = next(follows, None)
            if found is None:
                return chain
            chain.append(found)

    def _named(self) -> Mapping[str, Sequence[int]]:
        """Runs by name, newest first."""
        found: dict[str, list[int]] = {}
        offset = 0
        while rows := self.store.runs(_PAGE, offset):
            for row in rows:
                found.setdefault(row.name, []).append(row.id)
            offset += len(rows)
        return found

    def _settings_of(self, number: int, champions: Sequence[Key]) -> Settings:
        """The settings of a round after these champions."""
        given = self._settings
        kept = champions if self._history is None else champions[-self._history :]
        update = {"round": number, "champions": tuple(kept), "seed": champions[-1] if champions else None}
        seed = None if given.seed is None else derived_seed(given.seed, f"round {number}")
        return given.model_copy(update={"seed": seed, "problem": given.problem.model_copy(update=update)})

    def _problem(self, settings: Settings) -> Problem:
        return load_problem(self.folder, inputs_of(settings.problem, self.store))

    def _check(self) -> None:
        """See that going on with the rounds there are compares like with like. Raises SettingsError, ProblemError."""
        champions: list[Key] = []
        for each in self.rounds:
            settings = self._settings_of(each.number, champions)
            self._check_history(each, settings)
            where = f"since round {each.number} of the series {self.name} (run {each.run.id}) began"
            other = "begin another series with --new or --name OTHER"
            if self._problem(settings).digest != each.run.problem_digest:
                raise ProblemError(
                    f"{self._what_changed(each, settings)} {where}, so its champions cannot meet later ones; restore"
                    f" what it was, or {other}"
                )
            if settings.identity() != each.run.settings_digest:
                raise SettingsError(
                    f"the settings changed {where}: {_changed(settings, each.run)}; restore, or {other}"
                )
            if each.champion is not None:
                champions.append(each.key)

    def _what_changed(self, each: Round, settings: Settings) -> str:
        """Which of folder, held-out folder and parameters makes a round another problem now."""
        what, now = named_inputs(self.folder, settings.problem)
        _, then = named_inputs(self.folder, settings_from(each.run.settings).problem)
        if now == then:
            return f"{what} changed"
        return f"what problem {self.folder} is given changed from {then or 'nothing'} to {now or 'nothing'}"

    def _check_history(self, each: Round, settings: Settings) -> None:
        if settings.problem.champions == each.opponents:
            return
        met, wanted = len(each.opponents), len(settings.problem.champions)
        raise SettingsError(
            f"round {each.number} of the series {self.name} (run {each.run.id}) met {met} earlier champions and"
            f" --history {self._history or 'all'} wants {wanted}; give the --history it was begun with, or begin"
            " another series with --new or --name OTHER"
        )

    def _budget(self, done: Sequence[Round]) -> BudgetSettings | None:
        """What the next round may use: its own limit, or what is left of the total; None when that is nothing."""
        limits = self._settings.budget.model_dump()
        for name, total in self._total.model_dump(exclude={"target"}, exclude_none=True).items():
            left = total - sum(_used(self.store, each.run)[name] for each in done)
            if left <= 0:
                return None
            limits[name] = left if limits[name] is None else min(left, limits[name])
        return BudgetSettings.model_validate(limits)


def _champions(run: RunRow) -> tuple[Key, ...]:
    return tuple((int(one), int(two)) for one, two in run.settings.get("problem", {}).get("champions", ()))


def _follows(run: RunRow, before: int) -> bool:
    champions = _champions(run)
    return bool(champions) and champions[-1][0] == before


def _used(store: Store, run: RunRow) -> Mapping[str, float]:
    """What a run used, by limit of the budget."""
    evaluated = sum(count for status, count in store.statuses(run.id).items() if status.costs_evaluation)
    money = store.money(run.id)
    return {
        "evaluations": evaluated + store.further_looks(run.id),
        "calls": sum(store.calls(run.id).values()),
        "seconds": run.summary.elapsed,
        "money": money.spent,
        "tokens": money.spent_tokens,
    }


def _changed(settings: Settings, run: RunRow) -> str:
    """The settings that differ from a run's, as `section.key` with both values."""
    now, then = (_flat(tree) for tree in (settings.as_json(), run.settings))
    skipped = ("budget.", "workers.", "sandbox.", "problem.")
    names = [name for name in now if now[name] != then.get(name) and not name.startswith(skipped)]
    # A round's seed is made from that of the series, which is nowhere stored: both values would say nothing.
    said = ["--seed is another" if name == "seed" else f"{name} was {then.get(name)!r} and is {now[name]!r}"
            for name in names]  # fmt: skip
    return ", ".join(said) or "other defaults"


def _flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in tree.items():
        if isinstance(value, Mapping):
            found.update(_flat(value, f"{prefix}{name}."))
        else:
            found[f"{prefix}{name}"] = value
    return found
