"""Which operators and models earn their keep: from proposed to new best, and what an improvement took."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from evolve.inspection.bill import Bill
from evolve.inspection.rates import LEVEL
from evolve.inspection.tally import Tally, tally_json
from evolve.report.spending import asks_models, replay_of
from evolve.store import MoneyRow, RunRow, Store
from evolve.store.costs import CallsRow
from evolve.store.funnel import FateRow


class Family(StrEnum):
    """Operators that are of a kind."""

    ASKED = "asked"
    """Somebody was asked: a model, a person, a coding agent."""
    EDIT = "edit"
    """Random edits of the source, by the built-in proposer as all that follow."""
    TUNE = "tune"
    SIMPLIFY = "simplify"
    NONE = "none"
    """Nothing could be proposed."""


FAMILIES = {
    Family.ASKED: "asked of models",
    Family.EDIT: "built-in source edits",
    Family.TUNE: "built-in tuning",
    Family.SIMPLIFY: "built-in simplifying",
    Family.NONE: "nothing to propose",
}
"""What families are called."""
BUILT_IN = "built-in proposer"
"""What is written where there is no model."""


@dataclass(frozen=True, slots=True)
class Line:
    """What a model came to with an operator; None stands for all of them, the model "" for the built-in proposer.

    `family` is that of the operators; None for all of them.
    """

    model: str | None
    operator: str | None
    family: Family | None
    tally: Tally

    @property
    def name(self) -> str:
        """The operator; the family where it stands for all of its operators, or is called like its only one."""
        if self.family is not None and self.operator in (None, self.family.value):
            return FAMILIES[self.family]
        return self.operator or "all"


@dataclass(frozen=True, slots=True)
class Operators:
    """Operators and models of a run. In each list models come first, and within a family the most frequent lines.

    `families` sums up kinds of operators, `operators` has them one by one, `models` are the models and the built-in
    proposer, `pairs` every model with every operator. `money` is what all calls cost, those without an answer included;
    `replay` says what answered instead of models ("" when they were asked). `asks` is False for a run of the built-in
    proposer alone. `sealed` says whether programs were walled off from their scorer: a forged score is an improvement.
    """

    families: Sequence[Line]
    operators: Sequence[Line]
    models: Sequence[Line]
    pairs: Sequence[Line]
    total: Tally
    money: MoneyRow
    replay: str
    asks: bool
    sealed: bool

    @classmethod
    def of(cls, store: Store, run: RunRow) -> Operators:
        """Read it."""
        money = store.money(run.id)
        pairs = _pairs(store.browse.fates(run.id), store.browse.calls(run.id) if money.calls else [])
        return cls(
            families=_summed(pairs, lambda line: (None, None, line.family)),
            operators=_summed(pairs, lambda line: (None, line.operator, line.family)),
            models=_summed(pairs, lambda line: (line.model, None, None)),
            pairs=_sorted(pairs),
            total=sum((line.tally for line in pairs), Tally()),
            money=money,
            replay=replay_of(run),
            asks=asks_models(run) or any(line.model for line in pairs),
            sealed=run.sealed,
        )


def family_of(model: str, operator: str) -> Family:
    """The kind of an operator. Models and the built-in proposer each have one that is called simplify."""
    if model:
        return Family.ASKED
    return Family(operator) if operator in (Family.TUNE, Family.SIMPLIFY, Family.NONE) else Family.EDIT


def _pairs(fates: Iterable[FateRow], calls: Iterable[CallsRow]) -> list[Line]:
    tallies: dict[tuple[str, str], Tally] = {}
    for fate in fates:
        key = (fate.model, fate.operator)
        tallies[key] = tallies.get(key, Tally()) + Tally.of(fate)
    for call in calls:
        key = (call.model, call.operator)
        tallies[key] = tallies.get(key, Tally()) + Tally(bill=Bill.of(call))
    return [Line(model, operator, family_of(model, operator), tally) for (model, operator), tally in tallies.items()]


_Key = tuple[str | None, str | None, Family | None]


def _summed(lines: Iterable[Line], key: Callable[[Line], _Key]) -> list[Line]:
    sums: dict[_Key, Tally] = {}
    for line in lines:
        sums[key(line)] = sums.get(key(line), Tally()) + line.tally
    return _sorted(Line(*named, tally) for named, tally in sums.items())


def _sorted(lines: Iterable[Line]) -> list[Line]:
    families = [None, *Family]

    def place(line: Line) -> tuple[int, bool, int, str, str]:
        builtin = line.model == ""
        return families.index(line.family), builtin, -line.tally.proposed, line.model or "", line.operator or ""

    return sorted(lines, key=place)


def operators_json(found: Operators) -> dict[str, Any]:
    """As plain data; `level` is the confidence of all intervals."""
    lists = {
        name: [_line_json(line) for line in getattr(found, name)]
        for name in ("families", "operators", "models", "pairs")
    }
    money = found.money
    return {
        "level": LEVEL,
        "sealed": found.sealed,
        "asks": found.asks,
        "replay": found.replay or None,
        "money": {**asdict(money), "cost": None if money.unknown else money.cost},
        "total": tally_json(found.total),
        **lists,
    }


def _line_json(line: Line) -> dict[str, Any]:
    return {
        "model": line.model,
        "operator": line.operator,
        "family": None if line.family is None else line.family.value,
        "name": line.name,
        **tally_json(line.tally),
    }
