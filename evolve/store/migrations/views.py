"""The views for people. Each migration creates its view from here: one that changes a view adds its own statement.

`measurements` is every look at every case as a row, expanded from `evaluations.measurements`. Looks are the most
numerous thing in a run. Five of them cost 129 us of CPU per candidate as rows of a table and 85 as one JSON value, of
which about 20 are for an insert that a column of `evaluations` does not need; they take 483 bytes and 604
(benchmarks/store_scale.py). Hence a column, and this view for people.

`calls` is every question as a row, with the last time it was handed out and its completion.
"""

from __future__ import annotations

MEASUREMENTS_VIEW_OF_EVALUATIONS = {
    # json_extract and not `->>`, which SQLite has only since 3.38.
    "sqlite": """
        CREATE VIEW measurements AS
        SELECT e.run_id, e.number, e.purpose,
               json_extract(m.value, '$.stage') AS stage,
               coalesce(json_extract(m.value, '$.split'), e.purpose) AS split,
               json_extract(m.value, '$.case') AS "case",
               coalesce(json_extract(m.value, '$.repeat'), 0) AS repeat,
               coalesce(json_extract(m.value, '$.status'), 'valid') AS status,
               coalesce(json_extract(m.value, '$.metrics'), '{}') AS metrics,
               coalesce(json_extract(m.value, '$.wall'), 0.0) AS wall,
               coalesce(json_extract(m.value, '$.cpu'), 0.0) AS cpu,
               coalesce(json_extract(m.value, '$.peak_rss'), 0) AS peak_rss,
               coalesce(json_extract(m.value, '$.feedback'), '') AS feedback,
               coalesce(json_extract(m.value, '$.artifacts'), '{}') AS artifacts
        FROM evaluations AS e, json_each(e.measurements) AS m
    """,
    "postgresql": """
        CREATE VIEW measurements AS
        SELECT e.run_id, e.number, e.purpose,
               m.value ->> 'stage' AS stage,
               coalesce(m.value ->> 'split', e.purpose) AS split,
               (m.value ->> 'case')::integer AS "case",
               coalesce((m.value ->> 'repeat')::integer, 0) AS repeat,
               coalesce(m.value ->> 'status', 'valid') AS status,
               coalesce(m.value -> 'metrics', '{}'::json) AS metrics,
               coalesce((m.value ->> 'wall')::double precision, 0) AS wall,
               coalesce((m.value ->> 'cpu')::double precision, 0) AS cpu,
               coalesce((m.value ->> 'peak_rss')::bigint, 0) AS peak_rss,
               coalesce(m.value ->> 'feedback', '') AS feedback,
               coalesce(m.value -> 'artifacts', '{}'::json) AS artifacts
        FROM evaluations AS e, json_array_elements(e.measurements) AS m(value)
    """,
}
"""The statement per dialect name, before there were further looks."""


def _with_relooks(statement: str) -> str:
    """The view with the looks of both tables."""
    _, _, query = statement.partition(" AS\n")
    relooks = query.replace("evaluations AS e", "relooks AS e").replace("e.purpose AS", "'search' AS")
    relooks = relooks.replace("e.purpose,", "e.series AS purpose,").replace("e.purpose)", "'search')")
    return f"{statement.rstrip()}\n        UNION ALL\n{relooks}"


MEASUREMENTS_VIEW = {
    dialect: _with_relooks(statement) for dialect, statement in MEASUREMENTS_VIEW_OF_EVALUATIONS.items()
}
"""The statement per dialect name; `purpose` of a further look is its series."""

# The number of an occurrence is counted row by row: only who reads the column pays for it.
CALLS_VIEW = """
    CREATE VIEW calls AS
    SELECT a.run_id, a.number, a.turn, a.island, a.operator, a.step, a.model AS asked, c.model AS answered,
           c.finish, c.reason, c.prompt_tokens, c.cached_tokens, c.output_tokens, c.reasoning_tokens,
           c.cost, c.lost, c.wall, c.attempts, c.elapsed,
           h.asker, h.money AS reserved, h.at AS asked_at, h.expires_at, c.at AS answered_at,
           coalesce(c.request_digest, h.request_digest) AS request_digest,
           CASE WHEN c.run_id IS NOT NULL THEN
               (SELECT count(*) FROM completions AS o
                WHERE o.run_id = c.run_id AND o.request_digest = c.request_digest
                  AND (o.number, o.turn) < (c.number, c.turn))
           END AS occurrence
    FROM asks AS a
    JOIN handouts AS h ON h.run_id = a.run_id AND h.number = a.number AND h.turn = a.turn
    LEFT JOIN handouts AS later ON later.run_id = h.run_id AND later.number = h.number
         AND later.turn = h.turn AND later.attempt = h.attempt + 1
    LEFT JOIN completions AS c ON c.run_id = a.run_id AND c.number = a.number AND c.turn = a.turn
    WHERE later.run_id IS NULL
"""
"""The statement, for every dialect."""
