"""docs/database.md says what is true: its queries run and its tables are the tables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from store_samples import filled, scored

from evolve.domain import Split
from evolve.store import Evaluated, Event, Spent, Store
from evolve.store.models import Base

PAGE = (Path(__file__).parents[2] / "docs" / "database.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)


def test_the_page_has_queries_and_each_gives_rows(store: Store, database: str) -> None:
    run_id = filled(store, 30)
    assert run_id == 1
    store.append(1, [Evaluated(28, scored(1.0), Split.HOLDOUT), Event("restart", {}, 1.0), Spent("evaluation", 2, "s")])
    assert len(QUERIES) >= 4
    engine = sa.create_engine(database.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        for query in QUERIES:
            assert connection.exec_driver_sql(
                query.replace("%", "%%") if "psycopg" in engine.driver else query
            ).all(), query
    engine.dispose()


@pytest.mark.parametrize("table", sorted([*Base.metadata.tables, "measurements"]))
def test_the_page_explains_every_table_and_column(table: str) -> None:
    section = re.search(rf"^### `{table}`.*?(?=^#|\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert section is not None, f"docs/database.md has no section on {table}"
    columns = [column.name for column in Base.metadata.tables[table].columns] if table != "measurements" else ["repeat"]
    assert [name for name in columns if f"`{name}`" not in section[0]] == []
