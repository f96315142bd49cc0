"""A campaign that the real driver ran in a real database, on a bench that works out in its head what a run would give.

A scaffold's worth is a number in one of its files; an edit adds the next of `STEPS` to it. What is shown of such a
campaign is what is shown of any.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from evolve.config import Settings
from evolve.domain import Status
from evolve.genome.genome import Genome
from evolve.meta.bench import Edited, Grant
from evolve.meta.campaign import Outcome
from evolve.meta.records import Measured, Suite, SuiteProblem, Tally, TrialKey, Use
from evolve.meta.settings import CampaignSettings
from evolve.meta.sitting import Order, choose_campaign, sit
from evolve.scaffold.base import MetaEdit, MetaView, ModelView, Prediction
from evolve.store import Holder, RunRow, Store, open_store

CALLS = 4
MODULE = """\
WORTH = 0.3


def create(task, settings):
    return WORTH


def improver():
    return WORTH
"""
MANIFEST = 'name = "paper"\napi = 1\nentry = "main:create"\nmeta = "main:improver"\n'
BASE = Genome.of({"scaffold.toml": MANIFEST, "main.py": MODULE})
SUITE = Suite(
    "paper",
    CALLS,
    tuple(
        SuiteProblem(f"{use}_{letter}", f"/nowhere/{use}_{letter}", use, 1.0)
        for use, letters in ((Use.SEARCH, "abcd"), (Use.SEALED, "abcdef"), (Use.PROBE, "ab"))
        for letter in letters
    ),
)
STEPS: Sequence[float | None] = (0.1, None, -0.1, 0.2, 0.05)
"""What the edits of a campaign do to a scaffold's worth, in turn; None is an answer without an edit."""


class PaperBench:
    """A bench of arithmetic. `luck` is how far a run strays from what a scaffold is worth; `fails` breaks one run."""

    def __init__(self, steps: Sequence[float | None] = STEPS, luck: float = 0.02, fails: str = "") -> None:
        self._steps, self._luck, self._fails = steps, luck, fails

    async def measure(self, genome: Genome, problem: SuiteProblem, key: TrialKey, grant: Grant) -> Measured:
        if problem.name == self._fails and key.scaffold:
            return Measured((), 0.0, 0, failed="the sandbox broke")
        drawn = int(hashlib.sha256(f"{genome.digest}{problem.name}{key.seed}".encode()).hexdigest()[:8], 16) / 2**32
        last = max(0.0, min(1.0, _worth(genome) + self._luck * (drawn - 0.5)))
        return Measured(
            tuple(last * min(1.0, (call + 1) / CALLS) for call in range(key.calls)),
            0.0,
            key.calls,
            evaluations=key.calls,
            statuses={"valid": key.calls - 1, "edit_not_applied": 1},
            operators={"mutate": Tally(key.calls, key.calls - 1, 1, key.calls)},
            tokens=100 * key.calls,
            cost=0.001 * key.calls,
            wall=0.5,
        )

    async def edit(self, improver: Genome, view: MetaView, number: int, grant: Grant) -> Edited:
        text = view.files["main.py"]
        step = self._steps[(number - 1) % len(self._steps)] if number < 1000 else 0.01
        if step is None:
            return Edited(None, Status.EDIT_NOT_APPLIED, "no block fits", 3, 900, 0.003, "paper/mind")
        worth = f"{_worth(Genome.of(view.files)) + step:.4g}"
        edit = MetaEdit(
            {"main.py": re.sub(r"WORTH = [\d.]+", f"WORTH = {worth}", text)},
            f"worth {worth}\x1b[31m",
            Prediction("area", "up", ("search_a",)),
        )
        return Edited(edit, Status.VALID, "", 1, 300, 0.001, "paper/mind")

    def digests(self) -> Mapping[str, str]:
        return {"paper": "0" * 64}


def _worth(genome: Genome) -> float:
    found = re.search(r"WORTH = ([\d.]+)", genome.files["main.py"])
    assert found is not None
    return float(found[1])


def order_for(name: str = "paper", **settings: object) -> Order:
    """What is asked for by such a campaign."""
    given = {"children": 5, "rank_seeds": 1, "confirm_seeds": 2, "certificate_seeds": 2, "seed": 7, **settings}
    return Order(SUITE, CampaignSettings(**given), BASE, Settings(), (ModelView("paper/mind"),), name)  # type: ignore[arg-type]


def campaign_in(store: Store, name: str = "paper", bench: PaperBench | None = None, **settings: object) -> Outcome:
    """Run a campaign to its end in a database."""
    order = order_for(name, **settings)

    @asynccontextmanager
    async def opened(run: RunRow, holder: Holder) -> AsyncIterator[PaperBench]:
        yield bench or PaperBench()

    return asyncio.run(sit(store, choose_campaign(store, order), order, opened))


def database_with(folder: Path, bench: PaperBench | None = None, **settings: object) -> Path:
    """A folder whose `evolve.db` holds one campaign, number 1, called `paper`."""
    with open_store(folder / "evolve.db", create=True) as store:
        campaign_in(store, bench=bench, **settings)
    return folder
