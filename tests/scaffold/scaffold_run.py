"""A tiny search in process, for tests of the scaffold: a list of programs, a trusted scoring function, views."""

from collections.abc import Callable
from dataclasses import dataclass, field

from evolve.domain import Outcome, Status
from evolve.scaffold.base import Draft, EliteView, OutcomeView, PendingView, SearchView, TaskView
from evolve.scaffold.builtin import BuiltinProposer


def task(seed: str, path: str = "main.py", language: str = "python") -> TaskView:
    return TaskView("test", "", language, path, (path,), {path: seed})


def elite(number: int, text: str, score: float, path: str = "main.py") -> EliteView:
    return EliteView(number, {path: text}, score, None, 0, 0, 0, "seed")


@dataclass
class Run:
    """Keeps the best `keep` programs; `score` gives a number or None for a failure."""

    seed: str
    score: Callable[[str], float | None]
    path: str = "main.py"
    language: str = "python"
    keep: int = 12
    width: int = 3
    scaffold: BuiltinProposer = field(init=False)
    programs: dict[int, EliteView] = field(default_factory=dict)
    outcomes: list[OutcomeView] = field(default_factory=list)
    under_way: list[tuple[int, Draft]] = field(default_factory=list)
    number: int = 0

    def __post_init__(self) -> None:
        self.scaffold = BuiltinProposer(task(self.seed, self.path, self.language))
        self.programs[0] = elite(0, self.seed, self.score(self.seed), self.path)

    @property
    def best(self) -> EliteView:
        """As the host does: the best score, then the shorter program."""
        return max(self.programs.values(), key=lambda e: (e.score, -len(e.files[self.path]), -e.number))

    def view(self, final: bool = False) -> SearchView:
        ranked = sorted(self.programs.values(), key=lambda e: -e.score)[: self.keep]
        pinned = {n: self.programs[n] for n in self.scaffold.pins()}
        pending = tuple(PendingView(n, d.operator, d.tag, d.parents) for n, d in self.under_way)
        return SearchView(
            self.number, f"test:{self.number}", 0, tuple(ranked), (), self.best, pinned, pending, final=final
        )

    def ask(self, final: bool = False) -> Draft:
        self.number += 1
        draft = self.scaffold.propose(self.view(final))
        self.under_way.append((self.number, draft))
        return draft

    def tell(self, index: int = 0) -> None:
        number, draft = self.under_way.pop(index)
        score = self.score(draft.files[self.path])
        parent = self.programs[draft.parents[0]].score
        new_best = score is not None and score > self.best.score
        status = Status.CRASH if score is None else Status.VALID
        kept = Outcome.REJECTED if score is None else Outcome.IMPROVED if score > parent else Outcome.NOT_ADDED
        if score is not None:
            self.programs[number] = EliteView(number, draft.files, score, None, 0, 0, 0, draft.operator)
        told = OutcomeView(number, draft.operator, draft.tag, draft.parents, 0, status, kept, score, parent, new_best)
        self.outcomes.append(told)
        self.scaffold.observe(told)

    def steps(self, count: int, final: bool = False) -> None:
        for _ in range(count):
            self.ask(final)
            if len(self.under_way) >= self.width:
                self.tell()
