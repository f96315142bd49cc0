"""A campaign over the toy world in a database, as a process that can be killed.

    python -m tests.meta.toy.sitting DATABASE PURCHASES [CONTROLS]

Every run that is bought anew is a line of the file PURCHASES.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from evolve.config import Settings
from evolve.meta.bench import Bench
from evolve.meta.campaign import Outcome
from evolve.meta.settings import CampaignSettings
from evolve.meta.sitting import Order, choose_campaign, sit
from evolve.store import Holder, RunRow, Store, open_store
from tests.meta.toy.bench import MODEL, ToyBench, toy_zero
from tests.meta.toy.mind import PERSONAS
from tests.meta.toy.world import toy_suite

SMALL: dict[str, Any] = {
    "children": 4,
    "rank_seeds": 1,
    "confirm_seeds": 1,
    "certificate_seeds": 2,
    "margin": 0.0,
    "jump": 1e9,
    "seed": 5,
}


def toy_order(**settings: Any) -> Order:
    """A small campaign over the toy world."""
    chosen = CampaignSettings(**{**SMALL, **settings})
    return Order(toy_suite(3, 5, 1, calls=8), chosen, toy_zero(), Settings(), (MODEL,))


async def toy_sit(store: Store, order: Order, bench: ToyBench | None = None, **more: Any) -> tuple[RunRow, Outcome]:
    """Sit at the campaign of an order to its end."""
    own = bench or ToyBench(PERSONAS["keen"])

    @asynccontextmanager
    async def bench_for(run: RunRow, holder: Holder) -> AsyncIterator[Bench]:
        yield own

    run = choose_campaign(store, order)
    return run, await sit(store, run, order, bench_for, **more)


def main() -> None:
    """Sit at the campaign of a database."""
    database, purchases, *controls = sys.argv[1:]
    with open_store(database, create=True) as store:
        bench = ToyBench(PERSONAS["keen"], delay=0.002, purchase=lambda what: _add(Path(purchases), what))
        _, outcome = asyncio.run(toy_sit(store, toy_order(controls=tuple(controls)), bench))
    print(outcome.reason, flush=True)


def _add(path: Path, line: str) -> None:
    with path.open("a") as file:
        file.write(line + "\n")


if __name__ == "__main__":
    main()
