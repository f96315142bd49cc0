"""The resident process of a slot: starts two zygotes, carries jobs to evaluators, watches memory, ends what must end.

A bare interpreter that never runs foreign code. It speaks frames with the host over stdin and stdout.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import select
import socket
import time
from dataclasses import dataclass
from typing import Any

from evolve_guest import jail, levels, roles, watch, words
from evolve_guest.janitor import Dirty, Janitor, empty
from evolve_guest.spawn import Ended, Failed, Refused, Zygote
from evolve_guest.wire import Channel, Closed, read_frame, write_frame

TICK = 0.05
"""Seconds between two looks at what a candidate's process tree holds. A job shorter than that is never looked at."""
CALL_BUFFER = 1 << 20
"""Bytes asked for between evaluator and candidate (kernels give less): a large array goes over in fewer turns."""


def main() -> None:
    """Set the slot up, then serve jobs until the host hangs up."""
    reader, writer = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    supervisor = None
    try:
        supervisor = _set_up(reader, writer)
        supervisor.serve()
    except (Closed, BrokenPipeError):
        pass
    except Failed as error:
        write_frame(writer, words.AUTHOR, str(error).encode())
    except (Refused, Dirty) as error:
        write_frame(writer, words.FAULT, str(error).encode())
    finally:
        if supervisor is not None:
            supervisor.close()


def _set_up(reader: int, writer: int) -> Supervisor:
    """Start the zygotes at the best level there is. The candidates' one is forked before any secret is read."""
    config = json.loads(read_frame(reader)[1])
    users, without = config["users"], frozenset(config["without"])
    early = read_frame(reader)[1] if "fork_before_read" in without else b""
    janitor = Janitor(users["janitor"], jail.SHARED, without=without) if users else None
    candidates = levels.best_zygote(config)
    secret = json.loads(early or read_frame(reader)[1])
    try:
        walls = roles.evaluator_walls(config, secret, candidates.walls.level)
        evaluators = Zygote(walls, lambda channel, walls: roles.evaluator_zygote(channel, walls, config, secret))
    except BaseException:
        candidates.kill()
        raise
    if janitor is not None:
        janitor.forget()  # the probe of the walls wrote
    greeting = {**json.loads(candidates.greeting), **json.loads(evaluators.greeting), "level": walls.level}
    write_frame(writer, words.READY, json.dumps(greeting).encode())
    return Supervisor(reader, writer, candidates, evaluators, config.get("scratch", ""), janitor, users)


@dataclass(slots=True)
class _Job:
    """What bounds the job under way."""

    begun: float
    deadline: float
    memory: int
    processes: int
    resident: bool
    talking: bool
    looked: float


@dataclass(slots=True)
class _Process:
    """A child of a zygote: its number there, its number here, its private directory, its throw-away user (or 0)."""

    inside: int
    here: int
    private: str
    user: int = 0


class Supervisor:
    """One slot with its zygotes up."""

    def __init__(self, reader: int, writer: int, candidates: Zygote, evaluators: Zygote, scratch: str,
                 janitor: Janitor | None, users: dict[str, int] | None) -> None:  # fmt: skip
        self._reader, self._writer = reader, writer
        self._candidates, self._evaluators = candidates, evaluators
        self._scratch = scratch
        self._janitor, self._users = janitor, users
        self._group = watch.Group()
        self._kills = self._group.kills()
        self._at_rest = 0
        self._retiring = False
        self._made = 0
        self._job: _Job | None = None
        self._candidate: _Process | None = None
        self._evaluator: _Process | None = None
        self._ending = False
        self._talk: Channel | None = None
        self._end_report: dict[str, Any] = {}
        self._poll = select.poll()
        self._poll.register(reader, select.POLLIN)

    def serve(self) -> None:
        """Until the host hangs up (raises Closed)."""
        while True:
            events = self._poll.poll(TICK * 1000 if self._job else None)
            for fd, _ in events:
                if fd == self._reader:
                    self._obey(*read_frame(self._reader))
                elif self._talk is not None and fd == self._talk.sock.fileno():
                    self._listen()
                self._leave_if_retiring()
            if self._job is not None:
                self._look()
                self._leave_if_retiring()

    def _leave_if_retiring(self) -> None:
        """Before another job is begun. Raises Closed."""
        if self._retiring and self._job is None:
            write_frame(self._writer, words.RETIRED, b"")
            raise Closed

    def close(self) -> None:
        """End everything."""
        with contextlib.suppress(Closed, TimeoutError, OSError):
            self._end_candidate()
            self._end_evaluator()
        self._candidates.kill()
        self._evaluators.kill()

    def _obey(self, kind: int, payload: bytes) -> None:
        """One frame of the host. What comes for a conversation that has just ended has its answer already."""
        if kind == words.JOB:
            self._begin(payload)
        elif self._job is None:
            return
        elif kind == words.HEAR:
            self._pass_on(self._job, payload)
        else:
            self._finish(words.RESULT, b"{}")

    def _pass_on(self, job: _Job, payload: bytes) -> None:
        """A text of the host to the evaluator, whose turn it is now, for so many seconds."""
        job.begun = time.monotonic()
        job.deadline = job.begun + words.HEAR_HEAD.unpack_from(payload)[0]
        assert self._talk is not None
        with contextlib.suppress(Closed):  # found by the poll
            self._talk.send(words.HEARD, payload)

    def _begin(self, payload: bytes) -> None:
        """Fork what the job needs (or keep the resident evaluator) and hand the job over unread."""
        seconds, memory, processes, flags = words.JOB_HEAD.unpack_from(payload)
        now = time.monotonic()
        resident, talking = bool(flags & words.RESIDENT), bool(flags & words.TALK)
        self._job = _Job(now, now + seconds, memory, processes, resident, talking, now)
        self._at_rest = self._group.bytes()
        if self._talk is not None and not self._job.resident:
            self._end_evaluator()
        forked = self._talk is None
        if forked:
            self._fork_evaluator()
        fds = [] if flags & words.BARE else self._fork_candidate()
        assert self._talk is not None
        with contextlib.suppress(Closed):  # an evaluator that is dead already is found by the poll
            self._talk.send(words.WORK, payload[words.JOB_HEAD.size :], fds)
        if forked:
            inside, here = self._evaluators.forked()
            self._evaluator = _Process(inside, here, "")
        self._note_candidate(fds)

    def _listen(self) -> None:
        """One message of the evaluator."""
        assert self._talk is not None
        try:
            kind, payload, _ = self._talk.receive()
        except Closed:
            ended = self._end_evaluator()
            code = os.waitstatus_to_exitcode(ended.status)
            if code == words.SLOT_BROKEN or self._group.kills() != self._kills:
                raise Closed from None  # this slot ends; the host opens another and tries once more
            self._finish(words.AUTHOR, f"the evaluator's process ended by itself (code {code})".encode())
            return
        if kind == words.DONE:
            self._finish(words.RESULT, payload)
        elif kind == words.ASK_END:
            hung_up = bool(payload) and self._candidate is not None and watch.lives_on(self._candidate.here)
            self._end_candidate(**({"cause": "hung up"} if hung_up else {}))
            self._talk.send(words.REPORT, json.dumps(self._end_report).encode())
        elif kind == words.SAY:
            self._speak(payload)
        else:
            self._end_candidate()
            fds = self._fork_candidate()
            self._talk.send(words.CANDIDATE, b"", fds)
            self._note_candidate(fds)

    def _speak(self, payload: bytes) -> None:
        """An answer to the host, whose turn it is now for as long as it likes; nothing an author's evaluator may do."""
        if self._job is None or not self._job.talking:
            self._finish(words.AUTHOR, b"the evaluator sent an answer in a job that is no conversation")
            return
        self._job.deadline = math.inf
        write_frame(self._writer, words.SAID, payload)

    def _finish(self, kind: int, payload: bytes) -> None:
        """Answer the host first, then clear up: the next job can already be on its way."""
        resident = self._job is not None and self._job.resident and kind == words.RESULT
        if self._job is not None:
            write_frame(self._writer, kind, payload)
        self._job = None
        if not resident:
            self._let_go_of_evaluator()  # both at once: ending a process takes as long as half a job
        self._end_candidate()
        if not resident:
            self._end_evaluator()

    def _look(self) -> None:
        """Is the job late; does the candidate's tree hold too much?"""
        job, now = self._job, time.monotonic()
        assert job is not None
        if now > job.deadline:
            seconds = job.deadline - job.begun
            self._finish(words.AUTHOR, f"the evaluator did not finish a job within {seconds:g} s".encode())
            return
        watched = "watch" not in self._candidates.walls.without
        if not watched or self._candidate is None or now - job.looked < TICK:
            return
        held = self._held(self._candidate, job.memory)
        job.looked = time.monotonic()
        if held.bytes > job.memory:
            self._end_candidate(cause="memory", bytes=held.bytes, limit=job.memory)
        elif held.processes > job.processes + 1:
            self._end_candidate(cause="processes", limit=job.processes)

    def _held(self, process: _Process, limit: int) -> watch.Held:
        """What the candidate holds, with all it started and let go of."""
        if self._candidates.walls.level == jail.NAMESPACES:
            return watch.tree(process.here, limit)
        grown = (lambda: self._group.bytes() - self._at_rest) if self._janitor and self._group.is_seen else None
        return watch.tree(self._candidates.pid, limit, grown, below=True)

    def _fork_evaluator(self) -> None:
        ours, theirs = socket.socketpair()
        place = jail.PRIVATE if self._evaluators.walls.level == jail.NAMESPACES else "/"
        self._evaluators.fork([theirs.fileno()], place)
        theirs.close()
        self._talk = Channel(ours)
        self._poll.register(ours, select.POLLIN)

    def _let_go_of_evaluator(self) -> None:
        """Hang up on the evaluator and have it killed; `_end_evaluator` waits for that."""
        if self._talk is not None:
            self._poll.unregister(self._talk.sock)
            self._talk.close()
            self._talk = None
        if self._evaluator is not None:
            self._evaluators.end(self._evaluator.inside)
            self._evaluator = None
            self._ending = True

    def _end_evaluator(self) -> Ended:
        """The evaluator's end, where there is one to wait for."""
        self._let_go_of_evaluator()
        if not self._ending:
            return Ended(0, 0.0, 0)
        self._ending = False
        return self._evaluators.ended()

    def _fork_candidate(self) -> list[int]:
        """Ask for a candidate; the evaluator's two ends of it (call socket, output)."""
        ours, theirs = socket.socketpair()
        for end in (ours, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, CALL_BUFFER)
        if hasattr(socket, "SO_PASSCRED"):
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        output, printed = os.pipe()
        self._candidate = _Process(0, 0, self._private_directory(), self._throw_away_user())
        self._candidates.fork([theirs.fileno(), printed], self._candidate.private, self._candidate.user)
        theirs.close()
        os.close(printed)
        return [ours.detach(), output]

    def _private_directory(self) -> str:
        if kept := jail.private_directory(self._candidates.walls.level):
            return kept
        self._made += 1
        private = os.path.join(self._scratch, f"candidate-{self._made}")
        os.mkdir(private, 0o700)
        return private

    def _throw_away_user(self) -> int:
        """Drawn, not counted: its number tells a program nothing of how many ran before it."""
        if self._users is None:
            return 0
        if "users" in self._candidates.walls.without:
            return self._users["evaluator"]
        return self._users["first"] + 2 * (int.from_bytes(os.urandom(4), "big") % (self._users["count"] // 2))

    def _note_candidate(self, fds: list[int]) -> None:
        for fd in fds:
            os.close(fd)
        if fds and self._candidate is not None:
            self._candidate.inside, self._candidate.here = self._candidates.forked()

    def _end_candidate(self, **cause: Any) -> None:
        """KILL and count the candidate, if there is one; the report stays for an evaluator that asks later."""
        process, self._candidate = self._candidate, None
        if process is None:
            return
        self._candidates.end(process.inside)
        ended = self._candidates.ended() if self._janitor is None else self._clear_away(self._janitor, process)
        code = os.waitstatus_to_exitcode(ended.status)
        how = {"cause": "", "signal": max(0, -code), "code": code, "cpu": ended.cpu, "rss": ended.rss}
        self._end_report = {**how, **cause}
        if not jail.private_directory(self._candidates.walls.level):
            with contextlib.suppress(OSError):  # made by _private_directory, for this process alone
                empty(process.private)
                os.rmdir(process.private)

    def _clear_away(self, janitor: Janitor, process: _Process) -> Ended:
        """Have the janitor end and clear a candidate; a container in which that fails takes no further job."""
        ended: list[Ended] = []
        try:
            janitor.clear(process.user, process.here, lambda: ended.append(self._candidates.ended()))
        except Dirty:
            self._retiring = True
        kills = self._group.kills()
        self._retiring |= kills != self._kills
        self._kills = kills
        return ended[0]
