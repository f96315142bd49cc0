"""The evaluator's end of the line to one candidate: requests with deadlines, replies that must fit, and its death."""

from __future__ import annotations

import contextlib
import json
import math
import os
import select
import signal
import socket
import struct
import time
from typing import Any

from evolve_guest import calls, codec
from evolve_guest.wire import CALL, Channel

TICK = 0.05
"""Seconds between two looks at the CPU clock of a candidate that keeps us waiting."""
OUTPUT_FACTOR = 16
"""A candidate that prints more than this many times what is kept of it is ended."""
GREETING = 10.0
"""Seconds a fork may take to stand behind its locks; measured 1-3 ms."""

_STATUSES = {"crash", "syntax", "memory", "output", "timeout"}
_CREDENTIALS = struct.Struct("3i")
_SCM_CREDENTIALS = getattr(socket, "SCM_CREDENTIALS", -1)  # Linux only
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Failure(BaseException):
    """The candidate failed. Not an `Exception`: an author's `except Exception` cannot turn it into a score."""

    def __init__(self, status: str, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class SlotBroken(BaseException):
    """No candidate came: the slot's own failure, nobody's score."""


class Link:
    """A live candidate, or what is known of its end (`ended`)."""

    def __init__(self, fds: list[int], end: EndCandidate, limits: dict[str, Any]) -> None:
        """`fds` are the call socket and the output pipe; `end` has the supervisor KILL and count it."""
        self.limits = limits
        self.ended: Failure | None = None
        self.wall = self.cpu = 0.0
        """Seconds of the last request."""
        self.pid = 0
        self._end = end
        self._sock = socket.socket(fileno=fds[0])
        self._sock.setblocking(False)
        self._output = fds[1]
        os.set_blocking(self._output, False)
        self._tail = b""
        self._printed = 0
        self._statm = -1
        self._final = (0.0, 0)
        self._poll = select.poll()
        self._poll.register(self._sock, select.POLLIN)
        self._poll.register(self._output, select.POLLIN)

    def greet(self) -> None:
        """Wait until the process stands behind its locks; learn its number from the kernel. Raises SlotBroken."""
        try:
            self._await(time.perf_counter() + GREETING, None)
        except Failure as failure:
            raise SlotBroken(failure.text) from None
        data, controls, _, _ = self._sock.recvmsg(CALL.size, socket.CMSG_SPACE(_CREDENTIALS.size))
        for level, kind, raw in controls:
            if (level, kind) == (socket.SOL_SOCKET, _SCM_CREDENTIALS):
                self.pid = _CREDENTIALS.unpack(raw)[0]
                self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 0)
        if len(data) < CALL.size or CALL.unpack(data) != (calls.HELLO, 0, 0):
            raise SlotBroken(f"the candidate's process did not start: {self.output()}")
        if self.pid:
            with contextlib.suppress(OSError):
                self._statm = os.open(f"/proc/{self.pid}/statm", os.O_RDONLY)

    def request(self, kind: int, value: object, timeout: float, allow_nan: bool = True) -> Any:
        """Send a request, wait for its one reply; `wall` and `cpu` say what it cost, whatever came of it.

        Raises Failure; `ended` says whether the process lives on.
        """
        if self.ended is not None:
            raise self.ended
        self.check_silent()
        nonce = int.from_bytes(os.urandom(8), "big")
        frame = calls.frame(kind, nonce, codec.pieces(value))
        cpu = self._cpu()
        start = end = time.perf_counter()
        try:
            for part in frame:
                self._send(part, start + timeout, cpu)
            answer, reply = self._receive(nonce, start + timeout, cpu)
        finally:
            end = time.perf_counter()
            self.wall, self.cpu = end - start, max(0.0, self._cpu() - cpu)
        return self._accept(answer, reply, allow_nan)

    def check_silent(self) -> None:
        """Raises Failure(suspect) if the candidate said something nobody asked for."""
        if self.ended is None:
            for fd, _ in self._poll.poll(0):
                if fd != self._output:
                    self._unasked()

    def finish(self, status: str, text: str) -> Failure:
        """End the process and remember why; the kernel's own verdict is used where `status` is empty."""
        if self.ended is None:
            # An alarm that rang in here would leave the supervisor's answer unread, for the next question to take.
            before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
            try:
                report = self._end(wonder=not status)
                self._final = (report["cpu"], report["rss"])
                if report["cause"] or not status:
                    status, text = _verdict(report, self.limits["cpu"] if self.limits["whole"] else math.inf)
                self._drain()
                self.ended = Failure(status, text)
                self.close()
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return self.ended

    def output(self) -> str:
        """The end of what the candidate printed, for feedback."""
        if self.ended is None:
            with contextlib.suppress(Failure):  # it printed too much: ended now, and the case has failed already
                self._drain()
        return self._tail[-calls.FEEDBACK :].decode("utf-8", "replace")

    def peak(self) -> int:
        """Peak resident bytes of the candidate's first process so far (0 where it cannot be seen)."""
        if self.ended is not None:
            return self._final[1]
        try:
            with open(f"/proc/{self.pid}/status", "rb") as file:
                found = file.read().partition(b"VmHWM:")[2].split(None, 1)
            return int(found[0]) * 1024
        except (OSError, IndexError, ValueError):
            return 0

    def close(self) -> None:
        """Let go of the descriptors."""
        self._sock.close()
        os.close(self._output)
        if self._statm >= 0:
            os.close(self._statm)

    def _accept(self, kind: int, payload: bytearray, allow_nan: bool) -> Any:
        if kind == calls.RETURN:
            try:
                return codec.decode(payload, allow_nan=allow_nan)
            except codec.NotData as error:
                raise Failure("output", f"the result is refused: {error}") from None
        try:
            status, text = codec.decode(payload)
        except (codec.NotData, TypeError, ValueError):
            status, text = "", ""
        if not isinstance(status, str) or status not in _STATUSES or not isinstance(text, str):
            self._suspect("sent a malformed reply")
        raise Failure(status, text[: 2 * calls.FEEDBACK])

    def _send(self, part: bytes | memoryview, deadline: float, cpu: float) -> None:
        view = memoryview(part)
        while view:
            try:
                view = view[self._sock.send(view) :]
            except BlockingIOError:
                self._poll.modify(self._sock, select.POLLOUT)
                self._await(deadline, cpu)
                self._poll.modify(self._sock, select.POLLIN)
            except (BrokenPipeError, ConnectionResetError):
                raise self.finish("", "") from None

    def _receive(self, nonce: int, deadline: float, cpu: float) -> tuple[int, bytearray]:
        """The one reply to a request: nothing is allocated before its head says whose it is and how long."""
        data = bytearray()
        while len(data) < CALL.size:
            data += self._some(deadline, cpu)
        kind, size, echo = CALL.unpack_from(data)
        if echo != nonce or kind not in (calls.RETURN, calls.FAIL):
            self._suspect("sent a reply to no call")
        limit = min(int(self.limits["reply"]), int(self.limits["memory"]))
        if size > limit:
            raise self.finish("output", f"the result has {size} bytes; at most {limit} may cross")
        got = len(data) - CALL.size
        if got > size:
            self._suspect("sent more than one reply")
        body = bytearray(size)
        body[:got] = data[CALL.size :]
        with memoryview(body) as room:
            while got < size:
                got += self._fill(room[got:], deadline, cpu)
        return kind, body

    def _some(self, deadline: float, cpu: float) -> bytes:
        """The next bytes there are. Raises Failure when the candidate is late or gone."""
        while True:
            self._await(deadline, cpu)
            try:
                chunk = self._sock.recv(65536)
            except BlockingIOError:
                continue
            except ConnectionResetError:
                chunk = b""
            if not chunk:
                raise self.finish("", "")
            return chunk

    def _fill(self, room: memoryview, deadline: float, cpu: float) -> int:
        """Receive into `room`; how many bytes came. Raises Failure as `_some` does."""
        while True:
            self._await(deadline, cpu)
            try:
                size = self._sock.recv_into(room)
            except BlockingIOError:
                continue
            except ConnectionResetError:
                size = 0
            if not size:
                raise self.finish("", "")
            return size

    def _await(self, deadline: float, cpu: float | None) -> None:
        """Until the socket is ready. Reads output meanwhile; ends a candidate that is late or burns too much."""
        while True:
            left = deadline - time.perf_counter()
            if left <= 0:
                raise self.finish("timeout", "the call did not return within its time limit")
            events = self._poll.poll(min(left, TICK) * 1000)
            ready = False
            for fd, _ in events:
                if fd == self._output:
                    self._drain()
                else:
                    ready = True
            if ready:
                return
            if cpu is not None and self._cpu() - cpu > self.limits["cpu"]:
                raise self.finish("timeout", f"the call used more than {self.limits['cpu']} s of CPU")

    def _drain(self) -> None:
        while True:
            try:
                data = os.read(self._output, 65536)
            except BlockingIOError:
                return
            if not data:
                with contextlib.suppress(KeyError):
                    self._poll.unregister(self._output)
                return
            self._printed += len(data)
            self._tail = (self._tail + data)[-self.limits["output"] :]
            if self.ended is None and self._printed > self.limits["output"] * OUTPUT_FACTOR:
                self._printed = 0
                raise self.finish("output", f"printed more than {self.limits['output'] * OUTPUT_FACTOR} bytes")

    def _unasked(self) -> None:
        """The call socket is readable between calls: data is a forgery, an end a death."""
        try:
            data = self._sock.recv(1)
        except OSError:
            data = b""
        if data:
            self._suspect("sent data that no call asked for")
        raise self.finish("", "")

    def _suspect(self, what: str) -> None:
        raise self.finish("suspect", f"the candidate {what}; its process was ended")

    def _cpu(self) -> float:
        """CPU seconds of the candidate's first process: the kernel's clock of that process, 0.3 us a look."""
        if self.ended is not None:
            return self._final[0]
        if not self.pid:
            return 0.0
        try:
            return time.clock_gettime((~self.pid << 3) | 2)  # MAKE_PROCESS_CPUCLOCK(pid, CPUCLOCK_SCHED)
        except OSError:
            return 0.0

    def rss(self) -> int:
        """Resident bytes of the candidate's first process now, or at its end. Raises Failure(suspect) if it hides."""
        if self.ended is not None:
            return self._final[1]
        try:
            found = int(os.pread(self._statm, 64, 0).split()[1]) * _PAGE if self._statm >= 0 else 0
        except (OSError, IndexError):
            return 0
        if self._statm >= 0 and not found:
            self._suspect("ended its first thread, behind which its memory cannot be seen")
        return found


class EndCandidate:
    """Has the supervisor KILL the candidate; returns how it ended: signal, code, cpu, rss, cause."""

    def __init__(self, supervisor: Channel, request: int) -> None:
        self._supervisor = supervisor
        self._request = request

    def __call__(self, *, wonder: bool) -> dict[str, Any]:
        """KILL, wait, report. With `wonder` the report also says whether it lived on after it had hung up."""
        self._supervisor.send(self._request, b"?" if wonder else b"")
        _, payload, _ = self._supervisor.receive()
        report: dict[str, Any] = json.loads(payload)
        return report


def _verdict(report: dict[str, Any], cpu: float) -> tuple[str, str]:
    """Status and text of a process that ended without answering; `cpu` are the seconds of CPU that the kernel keeps."""
    if report["cause"] == "memory":
        return "memory", f"the candidate held {report['bytes']} bytes; its memory limit is {report['limit']}"
    if report["cause"] == "processes":
        return "crash", f"the candidate started more than {report['limit']} processes"
    if report["cause"] == "hung up":
        return "crash", "the candidate closed the socket on which it is called"
    number = report["signal"]
    if number == signal.SIGKILL and report["cpu"] > cpu:  # it had ignored the signal that comes before
        return "timeout", "the candidate used up its CPU time"
    if number == signal.SIGKILL:
        return "memory", "the candidate was killed by the system, most likely because memory ran out"
    if number == signal.SIGXCPU:
        return "timeout", "the candidate used up its CPU time"
    if number == signal.SIGXFSZ:
        return "output", "the candidate wrote a file larger than the file-size limit"
    if number:
        return "crash", f"the candidate's process died of signal {number}"
    return "crash", f"the candidate's process ended itself with exit code {report['code']} instead of answering"
