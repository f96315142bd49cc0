"""docs/database.md says what is true: its queries run and its tables are the tables."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from store_samples import NEW_RUN, answered, asked, filled, program, scored, steps, verdict

from evolve.domain import Split
from evolve.store import (
    Evaluated,
    Event,
    Holder,
    RunKind,
    Spent,
    Store,
    Told,
    campaign_chain,
    open_store,
    schema,
)
from evolve.store.models import Base

PAGE = (Path(__file__).parents[2] / "docs" / "database.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)


def with_a_campaign(store: Store) -> None:
    """A campaign of one scaffold and one trial, and a decision about it."""
    campaign = store.create_run(replace(NEW_RUN, kind=RunKind.CAMPAIGN))
    trial = store.create_run(replace(NEW_RUN, kind=RunKind.TRIAL, campaign=campaign))
    chain = campaign_chain(campaign)
    store.acquire(campaign, Holder.here())
    head = store.append_entry(chain, "scaffold", {"number": 0, "digest": program(0).digest, "idea": ""}, after="").hash
    key = {"scaffold": 0, "problem": "packing", "seed": 1, "stage": "calibrate", "calls": 8}
    data = {"key": key, "measured": {"run": trial, "evaluations": 9}, "area": 0.5, "curve": [0.5]}
    store.append_entry(chain, "trial", data, after=head)
    store.append_entry("scaffolds", "approve", {"digest": program(0).digest}, after="")


def test_the_page_has_queries_and_each_gives_rows(store: Store, database: str) -> None:
    run_id = filled(store, 30)
    assert run_id == 1
    store.append(
        1, [asked(30), answered(30), *steps(30)[:2], Told(30, 30, verdict(), 1.0, "Fewer circles."), asked(31)]
    )
    store.append(1, [Evaluated(28, scored(1.0), Split.HOLDOUT), Event("restart", {}, 1.0), Spent("evaluation", 2, "s")])
    with_a_campaign(store)
    assert len(QUERIES) >= 4
    engine = sa.create_engine(database.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        for query in QUERIES:
            assert connection.exec_driver_sql(
                query.replace("%", "%%") if "psycopg" in engine.driver else query
            ).all(), query
    engine.dispose()


def test_the_page_says_how_to_read_what_is_compressed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with open_store(None, create=True) as store:
        store.append(filled(store, 1), [asked(1), answered(1, text="Two lone \ud800 surrogates \ud83d\ude00")])
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    printed: list[object] = []
    exec(code, {"print": printed.append})
    assert printed[0] == program(0).as_dict()
    assert printed[1] == asked(1).prompt["sections"]
    assert printed[2] == "Two lone \ud800 surrogates \ud83d\ude00"


@pytest.mark.parametrize("name", sorted([*Base.metadata.tables, *schema.VIEWS]))
def test_the_page_explains_every_table_and_column(name: str, tmp_path: Path) -> None:
    section = re.search(rf"^### `{name}`.*?(?=^#|\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert section is not None, f"docs/database.md has no section on {name}"
    open_store(tmp_path / "evolve.db", create=True).close()
    with closing(sqlite3.connect(tmp_path / "evolve.db")) as connection:
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]
    assert [column for column in columns if not re.search(rf'`"?{column}"?`', section[0])] == []
