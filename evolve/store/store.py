"""The store: one database of runs, an append-only log each. One writer thread per run, any number of readers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from sqlalchemy import URL, Connection, Engine, insert, update

from evolve.domain import Evaluation, Program, Relook, Series, Split, Status
from evolve.errors import DatabaseError, NotFound
from evolve.store import accounts, ancestry, curves, lease, log, questions, reading, replay, shelf
from evolve.store import chain as chain_log
from evolve.store.ancestry import LineageRow
from evolve.store.batch import Batch
from evolve.store.browse import Browse
from evolve.store.chain import ChainEntry, ChainSummary, NewEntry, Verification
from evolve.store.connect import begin, begin_snapshot, explained, shown
from evolve.store.curves import Standing
from evolve.store.dialogue import AskedRow, CompletionRow, MoneyRow, QuestionRow, UsageRow
from evolve.store.lease import Holder
from evolve.store.models import Run, table_of
from evolve.store.records import (
    CandidateRow,
    CurvePoint,
    EventRow,
    NewRun,
    Record,
    Remarks,
    RunKind,
    RunRow,
    RunStatus,
    RunSummary,
    SpentRow,
    TellRow,
    UntoldRow,
)

_runs = table_of(Run)
_TELLS_PER_READ = 2_000


class Store:
    """An open database. Close it, or use it as a context manager.

    Every method is one transaction and may raise DatabaseError; those given a run or a candidate raise
    NotFound when there is none. Safe to use from several threads.
    """

    def __init__(self, engine: Engine, url: URL, *, read_only: bool, held: Connection | None = None) -> None:
        self._engine = engine
        self._parsed = url
        self._read_only = read_only
        self._held = held
        self._tokens: dict[int, str] = {}
        self.browse = Browse(self._reading)

    @property
    def url(self) -> str:
        """The database as it may be printed: a path, or a URL without its password."""
        return shown(self._parsed)

    def close(self) -> None:
        """Close every connection; safe to call twice. A snapshot has none of its own."""
        if self._held is None:
            self._engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ---------------------------------------------------------------- runs

    def create_run(self, new: NewRun) -> int:
        """Note a new run and return its id; nobody holds it yet."""
        values = {
            "name": new.name,
            "problem": new.problem,
            "problem_path": new.problem_path,
            "problem_digest": new.problem_digest,
            "objective": new.objective,
            "direction": new.direction.value,
            "seed": str(new.seed),
            "settings": dict(new.settings),
            "settings_digest": new.settings_digest,
            "versions": dict(new.versions),
            "isolation": dict(new.isolation),
            "spec": dict(new.spec),
            "created_at": datetime.now(UTC),
            "status": RunStatus.RUNNING.value,
            "kind": new.kind.value,
            "campaign": new.campaign,
        }
        with self._writing() as connection:
            key = connection.execute(insert(_runs).values(values)).inserted_primary_key
        assert key is not None
        return int(key[0])

    def run(self, run_id: int) -> RunRow:
        """One run; NotFound names the ids there are."""
        with self._reading() as connection:
            return reading.run(connection, run_id)

    def runs(
        self, limit: int = 100, offset: int = 0, kinds: Collection[RunKind] = (RunKind.SEARCH,)
    ) -> list[RunSummary]:
        """Summaries of runs, newest first; campaigns and their trials only when `kinds` names them."""
        with self._reading() as connection:
            return reading.runs(connection, limit, offset, kinds)

    def trials(self, campaign: int) -> list[RunSummary]:
        """Summaries of all trials of a campaign, newest first."""
        with self._reading() as connection:
            return reading.runs(connection, None, 0, (RunKind.TRIAL,), campaign)

    def controls(self, campaign: int) -> list[RunSummary]:
        """Summaries of all campaigns that are controls of a campaign, newest first."""
        with self._reading() as connection:
            return reading.runs(connection, None, 0, (RunKind.CAMPAIGN,), campaign)

    def trial(self, campaign: int, name: str) -> RunRow | None:
        """The latest trial of a campaign with this name, finished or not; None when there is none."""
        with self._reading() as connection:
            return reading.trial(connection, campaign, name)

    def find_resumable(
        self, problem_digest: str, settings_digest: str, name: str = "", kind: RunKind = RunKind.SEARCH
    ) -> RunRow | None:
        """The latest run of this problem and these settings, and of this name if one is given, that is not finished."""
        with self._reading() as connection:
            return reading.resumable(connection, problem_digest, settings_digest, name, kind)

    def acquire(self, run_id: int, holder: Holder) -> None:
        """Become the run's one writer; from now on `append` fails with RunBusy should another take over.

        Raises RunBusy while another live process is the writer: a living process on this host, or one
        on another host that was heard of in the last 30 s.
        """
        with self._writing() as connection:
            lease.take(connection, run_id, holder)
        self._tokens[run_id] = holder.token

    def heartbeat(self, run_id: int, holder: Holder, elapsed: float = 0.0) -> None:
        """Say that the writer is alive, and how many run seconds passed; at least every 10 s. Raises RunBusy."""
        with self._writing() as connection:
            lease.beat(connection, run_id, holder)
            log.write(connection, Batch(run_id, elapsed=elapsed), holder.token)

    def release(self, run_id: int, holder: Holder, status: RunStatus, reason: str) -> None:
        """Stop being the writer and note what became of the run, and why. Raises RunBusy when it was lost."""
        with self._writing() as connection:
            lease.give_back(connection, run_id, holder, status, reason)
        self._tokens.pop(run_id, None)

    def note_settings(self, run_id: int, settings: Mapping[str, Any]) -> None:
        """Store the settings of a sitting: its budget and pool widths may differ from those the run began with."""
        with self._writing() as connection:
            connection.execute(update(_runs).where(_runs.c.id == run_id).values(settings=dict(settings)))

    def note_isolation(self, run_id: int, isolation: Mapping[str, Any]) -> None:
        """Store how a run's candidates are walled off, once the sandbox has found out."""
        with self._writing() as connection:
            connection.execute(update(_runs).where(_runs.c.id == run_id).values(isolation=dict(isolation)))

    # ---------------------------------------------------------------- the log

    def append(self, run_id: int, records: Sequence[Record]) -> None:
        """Write records, all or none of them, even if the process is killed meanwhile.

        Raises ValueError on a number that is not finite, RunBusy when the run was lost to another
        process, DatabaseError on a record that contradicts the log (a number used twice, an unknown parent).
        """
        if not records:
            return
        batch = Batch.of(run_id, records)
        with self._writing() as connection:
            log.write(connection, batch, self._tokens.get(run_id))

    # ---------------------------------------------------------------- programs by their address

    def keep_program(self, program: Program) -> str:
        """Store a program whether or not a candidate has it, and give its digest; one that is there stays."""
        with self._writing() as connection:
            shelf.keep(connection, program)
        return program.digest

    def program_by_digest(self, prefix: str) -> Program:
        """The program whose digest begins with `prefix`, at least 6 hex digits.

        Raises NotFound for none, several or no such prefix, and DatabaseError when its text was changed.
        """
        with self._reading() as connection:
            return shelf.find(connection, prefix)

    # ---------------------------------------------------------------- hash-chained logs

    def append_entry(self, chain: str, kind: str, data: Mapping[str, Any], *, after: str) -> ChainEntry:
        """Add an entry to a log; `after` is its head as this process saw it, "" before the first entry.

        Raises DatabaseError when the head is another, RunBusy when it is the log of a campaign whose run this
        store does not hold, ValueError on data that is not plain or a number that is not finite.
        """
        return self.append_entries([NewEntry(chain, kind, data, after)])[0]

    def append_entries(self, entries: Sequence[NewEntry], *, unheld: bool = False) -> list[ChainEntry]:
        """Add entries to one or more logs, all or none of them; raises as `append_entry`.

        With `unheld` also to logs of campaigns whose runs nobody holds: what people decide while none is at work.
        """
        with self._writing() as connection:
            return chain_log.append(connection, entries, self._tokens, unheld=unheld)

    def entries(self, chain: str, after: int = 0) -> list[ChainEntry]:
        """The entries of a log above number `after`, in order, unverified; none for a log that is not there."""
        with self._reading() as connection:
            return chain_log.entries(connection, chain, after)

    def chains(self) -> list[ChainSummary]:
        """Every log there is, by name."""
        with self._reading() as connection:
            return chain_log.chains(connection)

    def head(self, chain: str) -> str:
        """The hash of a log's last entry, "" before there is one."""
        with self._reading() as connection:
            return chain_log.head(connection, chain)

    def verify_chain(self, chain: str, head: str = "") -> Verification:
        """Follow a log from its first entry to its last; a log that is not there is sound and empty.

        `head` is the hash of an entry that somebody wrote down, or how it begins: without it nobody can tell that the
        end is cut off.
        """
        with self._reading() as connection:
            return chain_log.verify(connection, chain, head)

    # ---------------------------------------------------------------- resuming

    def tells(self, run_id: int) -> Iterator[TellRow]:
        """Every tell in order, read some thousand at a time; other work may go on meanwhile."""
        after = -1
        while rows := self._tells_after(run_id, after):
            yield from rows
            after = rows[-1].position

    def _tells_after(self, run_id: int, after: int) -> list[TellRow]:
        with self._reading() as connection:
            return replay.tells_after(connection, run_id, after, _TELLS_PER_READ)

    def untold(self, run_id: int) -> list[UntoldRow]:
        """Candidates that were proposed and not told, by number, with their evaluations where there are any."""
        with self._reading() as connection:
            return replay.untold(connection, run_id)

    def programs(self, run_id: int, numbers: Iterable[int]) -> dict[int, Program]:
        """Programs by candidate number; numbers the run does not have are left out."""
        with self._reading() as connection:
            return replay.programs(connection, run_id, numbers)

    def remarks(self, run_id: int, numbers: Iterable[int]) -> dict[int, Remarks]:
        """What evaluators said on search cases, by candidate number; unevaluated candidates are left out."""
        with self._reading() as connection:
            return replay.remarks(connection, run_id, numbers)

    def evaluation(self, run_id: int, number: int, purpose: Split = Split.SEARCH) -> Evaluation | None:
        """What a candidate got on the cases of one purpose, if it was evaluated on them."""
        with self._reading() as connection:
            return replay.evaluation(connection, run_id, number, purpose)

    def relooks(self, run_id: int, number: int) -> tuple[Relook, ...]:
        """All further looks at a candidate of a noisy problem, in order."""
        with self._reading() as connection:
            return replay.relooks(connection, run_id, number)

    def late_relooks(self, run_id: int) -> tuple[Relook, ...]:
        """Looks that were made after the last tell, in order, without their measurements."""
        with self._reading() as connection:
            return replay.late_relooks(connection, run_id)

    def last_look(self, run_id: int, series: Series) -> int:
        """The highest look number that was used in a series; -1 before there is any."""
        with self._reading() as connection:
            return reading.last_look(connection, run_id, series)

    def further_looks(self, run_id: int) -> int:
        """How many looks of the run were made besides evaluations; each counts as one against its budget."""
        with self._reading() as connection:
            return reading.further_looks(connection, run_id)

    def next_number(self, run_id: int) -> int:
        """One more than the highest number of the run that a candidate has or is asked for; 0 in a new one."""
        with self._reading() as connection:
            return reading.next_number(connection, run_id)

    def numbers(self, run_id: int) -> list[int]:
        """Every number of the run that a candidate has or is asked for, in order; there may be gaps."""
        with self._reading() as connection:
            return reading.numbers(connection, run_id)

    def elapsed(self, run_id: int) -> float:
        """Run seconds up to the last record or heartbeat."""
        return self.run(run_id).summary.elapsed

    def spent(self, run_id: int) -> list[SpentRow]:
        """Totals of everything used up, by kind and unit."""
        with self._reading() as connection:
            return reading.spent(connection, run_id)

    # ---------------------------------------------------------------- questions and what they cost

    def open_questions(self, run_id: int) -> list[QuestionRow]:
        """Numbers that were asked about and not told, each with all its questions and their completions."""
        with self._reading() as connection:
            return questions.open_questions(connection, run_id)

    def asked(self, run_id: int, number: int) -> list[AskedRow]:
        """Every question for one candidate with its completion, by turn; none for a candidate nobody was asked for."""
        with self._reading() as connection:
            return questions.asked(connection, run_id, number)

    def completion(self, run_id: int, number: int, turn: int) -> CompletionRow | None:
        """The stored answer to a question, if there is one."""
        with self._reading() as connection:
            return questions.completion(connection, run_id, number, turn)

    def completion_of(self, run_id: int, request_digest: str) -> list[CompletionRow]:
        """Every answer to equal requests, in the order of their numbers and turns; empty for a new request."""
        with self._reading() as connection:
            return questions.completions_of(connection, run_id, request_digest)

    def last_answered(self, run_id: int) -> int:
        """The highest candidate number with a stored completion; 0 when there is none."""
        with self._reading() as connection:
            return questions.last_answered(connection, run_id)

    def nearest_request(self, run_id: int, number: int, turn: int, operator: str) -> AskedRow | None:
        """The recorded question most like one that is missing: of the same number and turn, else the operator's last.

        Without either it is the run's last; None when nothing was asked.
        """
        with self._reading() as connection:
            return questions.nearest(connection, run_id, number, turn, operator)

    def usage(self, run_id: int) -> list[UsageRow]:
        """What each model did with each operator: calls, tokens, money, and what became of its candidates."""
        with self._reading() as connection:
            return accounts.usage(connection, run_id)

    def calls(self, run_id: int) -> dict[int, int]:
        """Calls taken out of the budget by candidate number; see `BudgetSettings.calls` for what counts as one."""
        with self._reading() as connection:
            return accounts.calls(connection, run_id)

    def money(self, run_id: int) -> MoneyRow:
        """What the run's calls to models cost, may have cost, and may yet cost."""
        with self._reading() as connection:
            return accounts.money(connection, run_id)

    # ---------------------------------------------------------------- for people

    def candidate(self, run_id: int, number: int) -> CandidateRow:
        """All there is to know of one candidate."""
        with self._reading() as connection:
            return reading.candidate(connection, run_id, number)

    def best(self, run_id: int) -> int | None:
        """The number of the run's best candidate by its search objective."""
        return self.run(run_id).summary.best_number

    def best_curve(self, run_id: int) -> list[CurvePoint]:
        """Every tell that made a new best, in order."""
        with self._reading() as connection:
            return reading.best_curve(connection, run_id)

    def standings(self, run_id: int) -> list[Standing]:
        """Where the run stood, and what it had used up, after every new best and after its last tell."""
        with self._reading() as connection:
            return curves.standings(connection, run_id)

    def lineage(self, run_id: int, number: int) -> list[LineageRow]:
        """The candidate, its first parent, that one's first parent, and so on to the seed."""
        with self._reading() as connection:
            return ancestry.lineage(connection, run_id, number)

    def statuses(self, run_id: int) -> dict[Status, int]:
        """How many search evaluations ended in each status, most frequent first."""
        with self._reading() as connection:
            return reading.statuses(connection, run_id)

    def events(
        self, run_id: int, after: int = 0, kinds: Collection[str] | None = None, limit: int | None = None
    ) -> list[EventRow]:
        """Events with a sequence number above `after`, of the named kinds or of all, oldest first."""
        with self._reading() as connection:
            return reading.events(connection, run_id, after, kinds, limit)

    # ---------------------------------------------------------------- transactions

    @contextmanager
    def snapshot(self) -> Iterator[Store]:
        """The database as it is now: a Store for one thread that reads this one state, whatever is written meanwhile.

        Nobody who writes has to wait for it. It is of no use any more when the block ends.
        """
        if self._held is not None:
            yield self
            return
        with explained(self._parsed), self._engine.connect() as connection:
            begin_snapshot(connection)
            yield Store(self._engine, self._parsed, read_only=True, held=connection)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        try:
            with explained(self._parsed), self._connection() as connection:
                yield connection
        except OverflowError:  # a number no column can hold, which people can type
            raise NotFound("no run and no candidate has a number as large as that") from None

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        """One whose transaction has begun."""
        if self._held is not None:
            yield self._held
            return
        with self._engine.connect() as connection:
            begin(connection, write=False)
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        if self._read_only:
            raise DatabaseError(f"database {self.url!r} was opened for reading only")
        with explained(self._parsed), self._engine.begin() as connection:
            begin(connection, write=True)
            yield connection
