"""The views `campaign_scaffolds` and `campaign_trials`: the two entries of a campaign's log that people ask about.

Each migration creates its views from here: one that changes a view adds its own statement.
"""

from __future__ import annotations

_CAMPAIGN = {
    "sqlite": "CAST(substr(e.chain, 10) AS integer)",
    "postgresql": "substr(e.chain, 10)::integer",
}


def _member(dialect: str, path: str, kind: str = "text", row: str = "e") -> str:
    """A member of an entry's data: `kind` is text, integer, numeric, double precision or json."""
    if dialect == "sqlite":
        return f"json_extract({row}.data, '$.{path}')"
    keys = "{" + path.replace(".", ",") + "}"
    if kind == "json":
        return f"({row}.data::json #> '{keys}')"
    found = f"({row}.data::json #>> '{keys}')"
    return found if kind == "text" else f"{found}::{kind}"


def _held(dialect: str) -> str:
    """Why a scaffold is held: the latest entry that holds it, unless one after it lets it go."""
    number, mine, freed = (_member(dialect, "number", "integer", row) for row in ("e", "h", "f"))
    return f"""coalesce(
                   (SELECT {_member(dialect, "reason", row="h")} FROM chain_entries AS h
                    WHERE h.chain = e.chain AND h.kind = 'held' AND {mine} = {number} AND NOT EXISTS
                        (SELECT 1 FROM chain_entries AS f
                         WHERE f.chain = e.chain AND f.kind = 'released' AND f.seq > h.seq AND {freed} = {number})
                    ORDER BY h.seq DESC LIMIT 1), '')"""


def _scaffolds(dialect: str) -> str:
    return f"""
        CREATE VIEW campaign_scaffolds AS
        SELECT {_CAMPAIGN[dialect]} AS campaign, e.seq, e.at,
               {_member(dialect, "number", "integer")} AS number,
               {_member(dialect, "parent", "integer")} AS parent,
               {_member(dialect, "digest")} AS digest,
               {_member(dialect, "idea")} AS idea,
               {_member(dialect, "model")} AS model,
               {_member(dialect, "prediction", "json")} AS prediction,
               {_member(dialect, "calls", "integer")} AS calls,
               {_held(dialect)} AS held
        FROM chain_entries AS e
        WHERE substr(e.chain, 1, 9) = 'campaign:' AND e.kind = 'scaffold'
    """


def _trials(dialect: str) -> str:
    last = "json_extract(e.data, '$.curve[#-1]')"
    if dialect == "postgresql":
        last = "(e.data::json -> 'curve' ->> -1)::double precision"
    return f"""
        CREATE VIEW campaign_trials AS
        SELECT {_CAMPAIGN[dialect]} AS campaign, e.seq, e.at,
               {_member(dialect, "key.scaffold", "integer")} AS scaffold,
               {_member(dialect, "key.problem")} AS problem,
               {_member(dialect, "key.seed", "numeric")} AS seed,
               {_member(dialect, "key.stage")} AS stage,
               {_member(dialect, "key.calls", "integer")} AS calls,
               {_member(dialect, "area", "double precision")} AS area,
               {last} AS final,
               {_member(dialect, "measured.seed_score", "double precision")} AS seed_score,
               {_member(dialect, "measured.evaluations", "integer")} AS evaluations,
               {_member(dialect, "measured.tokens", "bigint")} AS tokens,
               {_member(dialect, "measured.cost", "double precision")} AS cost,
               {_member(dialect, "measured.wall", "double precision")} AS wall,
               {_member(dialect, "measured.statuses", "json")} AS statuses,
               {_member(dialect, "measured.failed")} AS failed,
               {_member(dialect, "measured.run", "integer")} AS run
        FROM chain_entries AS e
        WHERE substr(e.chain, 1, 9) = 'campaign:' AND e.kind = 'trial'
    """


CHAIN_VIEWS = {dialect: (_scaffolds(dialect), _trials(dialect)) for dialect in ("sqlite", "postgresql")}
"""The statements per dialect name."""

CHAIN_VIEW_NAMES = ("campaign_scaffolds", "campaign_trials")
