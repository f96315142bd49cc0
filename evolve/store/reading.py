"""Reading a run for people: lists of runs, one candidate, the curve of bests, events."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, func, select

from evolve.domain import Direction, Estimate, Series, Split, Status
from evolve.errors import NotFound
from evolve.store import codec, lease, replay
from evolve.store.batch import PARENT
from evolve.store.models import (
    Ask,
    CandidateEntry,
    EvaluationEntry,
    EventEntry,
    Parentage,
    ProgramText,
    RelookEntry,
    Run,
    Spending,
    Tell,
    table_of,
)
from evolve.store.records import (
    CandidateRow,
    CurvePoint,
    EventRow,
    RunKind,
    RunRow,
    RunStatus,
    RunSummary,
    SpentRow,
)

_runs, _programs, _candidates, _parentage = map(table_of, (Run, ProgramText, CandidateEntry, Parentage))
_evaluations, _tells, _events, _spending = map(table_of, (EvaluationEntry, Tell, EventEntry, Spending))
_asks, _relooks = table_of(Ask), table_of(RelookEntry)


def runs(
    connection: Connection,
    limit: int | None,
    offset: int,
    kinds: Collection[RunKind],
    campaign: int | None = None,
) -> list[RunSummary]:
    """Summaries of runs of some kinds, and of one campaign if it is given; newest first."""
    heavy = {"settings", "versions", "isolation", "spec"}
    light = [column for column in _runs.c if column.name not in heavy]
    sealed = _runs.c.spec["evaluation"]["sealed"].as_boolean().label("sealed")
    wanted = select(*light, sealed, _runs.c.spec["parameters"].label("parameters"))
    wanted = wanted.where(_runs.c.kind.in_([kind.value for kind in kinds]))
    if campaign is not None:
        wanted = wanted.where(_runs.c.campaign == campaign)
    rows = connection.execute(wanted.order_by(_runs.c.id.desc()).limit(limit).offset(offset)).all()
    now = lease.database_now(connection)
    found = [_summary(row, now, row.sealed, row.parameters) for row in rows]
    confirmed = _confirmed(connection, [summary.id for summary in found])
    return [replace(summary, confirmed=confirmed.get((summary.id, summary.best_number))) for summary in found]


def run(connection: Connection, run_id: int) -> RunRow:
    """One run. Raises NotFound with the ids there are."""
    row = connection.execute(select(_runs).where(_runs.c.id == run_id)).one_or_none()
    if row is None:
        raise NotFound(f"there is no run {run_id}; {_ids(connection)}")
    found = _run(row, lease.database_now(connection))
    confirmed = _confirmed(connection, [run_id]).get((run_id, found.summary.best_number))
    return replace(found, summary=replace(found.summary, confirmed=confirmed))


def _confirmed(connection: Connection, ids: Collection[int]) -> dict[tuple[int, int | None], Estimate]:
    """What looks that chose nothing say of candidates, by run and number."""
    query = select(_relooks.c.run_id, _relooks.c.number, _relooks.c.looks).where(
        _relooks.c.run_id.in_(ids), _relooks.c.series == Series.CONFIRM.value, _relooks.c.status == Status.VALID.value
    )
    return {(run, number): Estimate.of(looks.values()) for run, number, looks in connection.execute(query) if looks}


def trial(connection: Connection, campaign: int, name: str) -> RunRow | None:
    """The latest trial of a campaign with this name."""
    mine = (_runs.c.campaign == campaign, _runs.c.name == name, _runs.c.kind == RunKind.TRIAL.value)
    row = connection.execute(select(_runs).where(*mine).order_by(_runs.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else _run(row, lease.database_now(connection))


def resumable(
    connection: Connection, problem_digest: str, settings_digest: str, name: str, kind: RunKind
) -> RunRow | None:
    """The latest run of this problem and these settings, and of this name if one is given, that is not finished."""
    row = connection.execute(
        select(_runs)
        .where(
            _runs.c.problem_digest == problem_digest,
            _runs.c.settings_digest == settings_digest,
            _runs.c.status != RunStatus.FINISHED.value,
            _runs.c.kind == kind.value,
            *([_runs.c.name == name] if name else []),
        )
        .order_by(_runs.c.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else _run(row, lease.database_now(connection))


def candidate(connection: Connection, run_id: int, number: int) -> CandidateRow:
    """All about one candidate. Raises NotFound."""
    query = (
        select(
            *replay.ORIGIN,
            _candidates.c.fingerprint,
            _programs.c.files,
            *replay.VERDICT,
            _tells.c.position,
            _tells.c.elapsed,
            _tells.c.lesson,
        )
        .select_from(_candidates)
        .join(_programs, _programs.c.digest == _candidates.c.program_digest)
        .outerjoin(_tells, replay.CANDIDATE_TELL)
        .where(_candidates.c.run_id == run_id, _candidates.c.number == number)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise no_candidate(connection, run_id, number)
    family = replay.families_of(connection, run_id, [number])
    verdict = (row.outcome, row.island, row.cell, row.replaced, row.new_best, row.gain)
    return CandidateRow(
        run_id=run_id,
        number=number,
        program=codec.unpack_program(row.files),
        origin=family.origin(number, row.operator, row.home, row.track, row.tag, row.idea, row.model),
        fingerprint=row.fingerprint,
        evaluation=replay.evaluation(connection, run_id, number, Split.SEARCH),
        holdout=replay.evaluation(connection, run_id, number, Split.HOLDOUT),
        position=row.position,
        verdict=replay.verdict_from(*verdict) if row.position is not None else None,
        elapsed=row.elapsed,
        children=_children(connection, run_id, number),
        lesson=row.lesson or "",
        relooks=replay.relooks(connection, run_id, number),
    )


def no_candidate(connection: Connection, run_id: int, number: int) -> NotFound:
    """The error for a candidate that is not there; it says which ones are."""
    there = connection.execute(select(_runs.c.candidates).where(_runs.c.id == run_id)).one_or_none()
    if there is None:
        return NotFound(f"there is no run {run_id}; {_ids(connection)}")
    if connection.scalar(select(_asks.c.number).where(_asks.c.run_id == run_id, _asks.c.number == number).limit(1)):
        return NotFound(f"candidate {number} of run {run_id} does not exist yet: it is being asked for")
    last = _last(connection, _candidates, run_id)
    known = f"its candidates are 0 to {last}" if last >= 0 else "it has no candidates yet"
    return NotFound(f"run {run_id} has no candidate {number}; {known}")


def next_number(connection: Connection, run_id: int) -> int:
    """One more than the highest number of the run that a candidate has or is asked for."""
    return 1 + max(_last(connection, table, run_id) for table in (_candidates, _asks))


def numbers(connection: Connection, run_id: int) -> list[int]:
    """Every number of the run that a candidate has or is asked for, in order."""
    asked = select(_asks.c.number).where(_asks.c.run_id == run_id)
    known = select(_candidates.c.number).where(_candidates.c.run_id == run_id).union(asked).subquery()
    return list(connection.scalars(select(known.c.number).order_by(known.c.number)))


def _last(connection: Connection, table: Table, run_id: int) -> int:
    last = connection.scalar(select(func.max(table.c.number)).where(table.c.run_id == run_id))
    return -1 if last is None else last


def best_curve(connection: Connection, run_id: int) -> list[CurvePoint]:
    """Every tell that made a new best, in order."""
    objective = func.coalesce(_tells.c.objective, _evaluations.c.objective)
    query = (
        select(_tells.c.position, _tells.c.elapsed, _tells.c.number, objective)
        .join(_candidates, replay.CANDIDATE_TELL)
        .join(_evaluations, replay.SEARCH_EVALUATION)
        .where(_tells.c.run_id == run_id, _tells.c.new_best)
        .order_by(_tells.c.position)
    )
    return [CurvePoint(*row) for row in connection.execute(query)]


def statuses(connection: Connection, run_id: int) -> dict[Status, int]:
    """How many search evaluations of the run ended in each status."""
    query = (
        select(_evaluations.c.status, func.count())
        .where(_evaluations.c.run_id == run_id, _evaluations.c.purpose == Split.SEARCH.value)
        .group_by(_evaluations.c.status)
        .order_by(func.count().desc(), _evaluations.c.status)
    )
    return {Status(status): count for status, count in connection.execute(query)}


def further_looks(connection: Connection, run_id: int) -> int:
    """How many looks of the run were made besides evaluations, to steer it or to choose its winner."""
    query = select(func.sum(_relooks.c.n)).where(_relooks.c.run_id == run_id)
    return int(connection.scalar(query) or 0)


def last_look(connection: Connection, run_id: int, series: Series) -> int:
    """The highest look number that was used in a series; -1 before there is any."""
    query = select(_relooks.c.looks).where(_relooks.c.run_id == run_id, _relooks.c.series == series.value)
    return max((int(look) for looks in connection.scalars(query) for look in looks), default=-1)


def events(
    connection: Connection, run_id: int, after: int, kinds: Collection[str] | None, limit: int | None
) -> list[EventRow]:
    """Events with a sequence number above `after`, of the named kinds or of all."""
    columns = (_events.c.seq, _events.c.at, _events.c.elapsed, _events.c.kind, _events.c.data, _events.c.position)
    query = select(*columns).where(_events.c.run_id == run_id, _events.c.seq > after)
    if kinds is not None:
        query = query.where(_events.c.kind.in_(kinds))
    return [EventRow(*row) for row in connection.execute(query.order_by(_events.c.seq).limit(limit))]


def spent(connection: Connection, run_id: int) -> list[SpentRow]:
    """Totals of everything used up, by kind and unit."""
    query = (
        select(_spending.c.kind, _spending.c.unit, func.sum(_spending.c.amount))
        .where(_spending.c.run_id == run_id)
        .group_by(_spending.c.kind, _spending.c.unit)
        .order_by(_spending.c.kind, _spending.c.unit)
    )
    return [SpentRow(kind, unit, float(amount)) for kind, unit, amount in connection.execute(query)]


def _ids(connection: Connection) -> str:
    searches = select(_runs.c.id).where(_runs.c.kind == RunKind.SEARCH.value)
    ids = connection.scalars(searches.order_by(_runs.c.id.desc()).limit(10)).all()
    if not ids:
        return "the database has no runs yet"
    more = ", ..." if len(ids) == 10 else ""
    return f"the runs there are: {', '.join(map(str, ids))}{more}"


def _children(connection: Connection, run_id: int, number: int) -> int:
    mine = (_parentage.c.run_id == run_id, _parentage.c.parent == number, _parentage.c.role == PARENT)
    return connection.scalar(select(func.count(_parentage.c.child.distinct())).where(*mine)) or 0


def _summary(
    row: Row[*tuple[Any, ...]], now: datetime, sealed: bool | None, parameters: Mapping[str, Any] | None
) -> RunSummary:
    status = RunStatus(row.status)
    if status is RunStatus.RUNNING and not lease.holder_alive(row, now):
        status = RunStatus.INTERRUPTED
    return RunSummary(
        id=row.id,
        name=row.name,
        problem=row.problem,
        objective=row.objective,
        direction=Direction(row.direction),
        status=status,
        candidates=row.candidates,
        evaluated=row.evaluated,
        valid=row.valid,
        told=row.told,
        best_number=row.best_number,
        best_objective=row.best_objective,
        seed_objective=row.seed_objective,
        elapsed=row.elapsed,
        created=row.created_at,
        sealed=sealed is not False,  # runs older than the key do not say
        parameters=parameters or {},
        kind=RunKind(row.kind),
        campaign=row.campaign,
    )


def _run(row: Row[*tuple[Any, ...]], now: datetime) -> RunRow:
    return RunRow(
        summary=_summary(row, now, row.spec.get("evaluation", {}).get("sealed"), row.spec.get("parameters")),
        problem_path=row.problem_path,
        problem_digest=row.problem_digest,
        seed=int(row.seed),
        settings=row.settings,
        settings_digest=row.settings_digest,
        versions=row.versions,
        isolation=row.isolation,
        stop_reason=row.stop_reason,
        ended=row.ended_at,
        spec=row.spec,
    )
