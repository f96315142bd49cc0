"""The evaluator's process: one job after another, the author's code on this side of the glass."""

from __future__ import annotations

import json
import math
import os
import socket
import sys
from typing import Any

from evolve_guest import answer, conversation, words
from evolve_guest.author import Author, AuthorError, derive, seed_modules
from evolve_guest.link import EndCandidate, Failure, Link, SlotBroken
from evolve_guest.program import Program, Session, Setup
from evolve_guest.wire import Channel, Closed

MAX_DEATHS = 3
"""A candidate that died this often in one job fails the cases that are left unseen."""


def main(author: Author, fds: list[int]) -> None:
    """Answer jobs until the supervisor hangs up."""
    # An author writes what is wrong into a rejection; the largest whole number that crosses has 20,000 digits.
    sys.set_int_max_str_digits(0)
    supervisor = Channel(socket.socket(fileno=os.dup(fds[0])))
    os.close(fds[0])
    try:
        while True:
            _, payload, descriptors = supervisor.receive()
            author.printed.clear()
            supervisor.send(
                words.DONE, json.dumps(_serve(author, json.loads(payload), supervisor, descriptors)).encode()
            )
    except Closed:
        os._exit(0)
    except SlotBroken as error:
        os.write(2, f"no candidate: {error}\n".encode())
        os._exit(words.SLOT_BROKEN)


def _serve(author: Author, job: dict[str, Any], supervisor: Channel, fds: list[int]) -> dict[str, Any]:
    try:
        if "count" in job:
            return {"count": len(author.cases(job["count"]))}
        work = _Job(author, job, supervisor, fds)
        try:
            return conversation.hold(work.session, supervisor) if job.get("talk") else {"results": work.results()}
        finally:
            work.close()
    except AuthorError as error:
        return {"error": str(error)}


class _Job:
    """One candidate looked at on some cases."""

    def __init__(self, author: Author, job: dict[str, Any], supervisor: Channel, fds: list[int]) -> None:
        self.author = author
        self.job = job
        self._supervisor = supervisor
        self._fds = fds
        self._end = EndCandidate(supervisor, words.ASK_END)
        sealed, limits = author.sealed, job["limits"]
        rlimits = {"cpu": math.ceil(limits["cpu"]), "memory": limits["memory"], "file_size": limits["file_size"],
                   "processes": limits["processes"], "alone": limits["alone"], "whole": int(limits["whole"]),
                   "data_only": int(bool(sealed.command))}  # fmt: skip
        setup = Setup(job["files"], sealed.entry, sealed.python, limits, rlimits, sealed.build, sealed.command)
        self.session = Session(setup, self._renew, author.own_time)
        self.program = Program(self.session)

    def results(self) -> list[dict[str, Any]]:
        """One result per case. Raises AuthorError."""
        made = self.author.has_made(self.job["split"])
        cases, wanted = self.author.cases(self.job["split"]), self.job["cases"]
        if not made:
            self._forget_candidate()
        found: list[dict[str, Any]] = []
        deaths = 0
        for place, index in enumerate(wanted):
            if not 0 <= index < len(cases):
                raise AuthorError(f"there is no case {index}: cases({self.job['split']!r}) gives {len(cases)}")
            result, loaded = self._look(index, cases[index])
            found.append(result)
            if self.job["fail_fast"] and result["status"] != "valid":
                return found
            deaths += self.session.link is not None and self.session.link.ended is not None
            # A program that does not load will not load the next time; one that died thrice will die again.
            if deaths >= MAX_DEATHS or (not loaded and result["status"] in ("syntax", "crash")):
                unseen = {**result, "wall": 0.0, "cpu": 0.0}
                return found + [{**unseen, "case": left} for left in wanted[place + 1 :]]
        return found

    def _forget_candidate(self) -> None:
        """The one that came with the job has waited while cases were made, and could learn the split from that."""
        for fd in self._fds:
            os.close(fd)
        self._fds = []

    def close(self) -> None:
        """Let go of the candidate's descriptors; the supervisor ends it."""
        if self.session.link is not None and self.session.link.ended is None:
            self.session.link.close()

    def _look(self, index: int, case: Any) -> tuple[dict[str, Any], bool]:
        """One case: what the author says of it, or how the candidate failed; and whether the program loaded."""
        seed = (self.author.sealed.case_seed, self.job["seed"], index)
        result: dict[str, Any] = {"case": index, "status": "valid", "metrics": {}, "feedback": "", "artifacts": {}}
        loaded = False
        try:
            self.session.begin(derive(*seed, "candidate"))
            loaded = True
            result.update(self._evaluate(index, case, derive(*seed, "evaluator")))
            self.session.check_end()
        except Failure as failure:
            result.update(status=failure.status, metrics={}, artifacts={}, feedback=self._explain(failure))
        return {**result, "wall": self.session.wall, "cpu": self.session.cpu, "rss": self.session.peak()}, loaded

    def _evaluate(self, index: int, case: Any, seed: int) -> dict[str, Any]:
        seed_modules(seed)
        what = f"evaluate() on case {index} of {self.job['split']}"
        returned = self.author.guard(what, lambda: self.author.evaluate(self.program, case))
        try:
            return answer.check(returned)
        except AuthorError as error:
            raise AuthorError(f"case {index} of {self.job['split']}: {error}") from None

    def _explain(self, failure: Failure) -> str:
        printed = self.session.output().strip()
        return failure.text + (f"\n--- printed ---\n{printed}" if printed else "")

    def _renew(self) -> Link:
        """The candidate that came with the job, then fresh ones from the supervisor."""
        fds, self._fds = self._fds, []
        if not fds:
            self._supervisor.send(words.ASK_NEXT)
            _, _, fds = self._supervisor.receive()
        return Link(fds, self._end, self.job["limits"])
