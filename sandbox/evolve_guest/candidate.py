"""The candidate's process: loads the program, answers calls. Everything here is at the candidate's mercy."""

from __future__ import annotations

import contextlib
import io
import linecache
import os
import signal
import socket
import sys
import traceback
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import CodeType, ModuleType
from typing import Any

from evolve_guest import calls, codec
from evolve_guest.author import seed_modules
from evolve_guest.jail import set_limits, stay_alone
from evolve_guest.wire import CALL, Closed

RPC = 3


class _Failure(Exception):
    """A failure that already has its status and words."""

    def __init__(self, status: str, text: str) -> None:
        super().__init__(text)
        self.status = status


def main(fds: list[int], private: str, baseline: int, *, limited: bool = True) -> None:
    """Serve one evaluator over `fds` (calls, output) until it hangs up. Never returns normally with work undone."""
    null = os.open(os.devnull, os.O_RDONLY)
    calls_fd, output = (os.dup(fd) for fd in fds)
    for fd, place in ((null, 0), (output, 1), (output, 2), (calls_fd, RPC)):
        os.dup2(fd, place)
    os.closerange(RPC + 1, 256)
    os.environ.clear()
    sys.argv = [""]
    sys.stdin = io.TextIOWrapper(io.FileIO(0, closefd=False))
    sock = socket.socket(fileno=RPC)
    server = _Server(sock, private, baseline, limited)
    server.send(calls.HELLO, 0)
    try:
        while True:
            server.answer()
    except (Closed, BrokenPipeError, ConnectionResetError):
        os._exit(0)


class _Server:
    """Answers one request at a time."""

    def __init__(self, sock: socket.socket, private: str, baseline: int, limited: bool) -> None:
        self.sock = sock
        self.private = private
        self.baseline = baseline
        self.limited = limited
        self.module: ModuleType | None = None
        self.files: dict[str, str] = {}
        self.entry = ""
        self.cpu = 0
        self.alone = False

    def answer(self) -> None:
        kind, nonce, payload = self._receive()
        try:
            reply = codec.pieces(self._perform(kind, codec.decode(payload)))
        except BaseException as error:  # SystemExit and KeyboardInterrupt are the candidate's crashes, too
            kind, reply = calls.FAIL, codec.pieces(self._describe(error))
        else:
            kind = calls.RETURN
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                stream.flush()
        self.send(kind, nonce, reply)

    def send(self, kind: int, nonce: int, pieces: Sequence[bytes | memoryview] = ()) -> None:
        for part in calls.frame(kind, nonce, pieces):
            self.sock.sendall(part)

    def _receive(self) -> tuple[int, int, bytearray]:
        data = self.sock.recv(65536)
        if not data:
            raise Closed
        while len(data) < CALL.size:
            data += self._more(CALL.size - len(data))
        kind, size, nonce = CALL.unpack_from(data)
        body = bytearray(size)
        got = len(data) - CALL.size
        body[:got] = data[CALL.size :]
        with memoryview(body) as room:
            while got < size:
                more = self.sock.recv_into(room[got:])
                if not more:
                    raise Closed
                got += more
        return kind, nonce, body

    def _more(self, size: int) -> bytes:
        data = self.sock.recv(size)
        if not data:
            raise Closed
        return data

    def _perform(self, kind: int, request: Any) -> Any:
        if kind == calls.CALL:
            name, arguments, options, seed = request
            if seed is not None:
                seed_modules(seed)
            return self._function(name)(*arguments, **options)
        if kind == calls.RUN:
            return self._spawn(*request)
        if kind == calls.LOOK:
            return self._look(request)
        return self._load(**request)

    def _load(self, files: dict[str, str], entry: str, python: bool, limits: dict[str, int], seed: int,
              build: list[str]) -> None:  # fmt: skip
        self.files, self.entry, self.cpu = files, entry, limits["cpu"]
        if self.limited:
            set_limits(limits, self.baseline)
        sources = {path: text for path, text in files.items() if python and path.endswith(".py")}
        self._write({path: text for path, text in files.items() if path not in sources or build})
        seed_modules(seed)
        if build:
            self._build(build)
        self.alone = bool(limits["alone"])  # compilers start processes
        if python:
            if self.alone:
                stay_alone()
            sys.meta_path.insert(0, _Importer(sources))
            self.module = __import__("importlib").import_module(_module_name(entry))

    def _write(self, files: dict[str, str]) -> None:
        for path, text in files.items():
            os.makedirs(os.path.dirname(os.path.join(self.private, path)), exist_ok=True)
            with open(os.path.join(self.private, path), "w", encoding="utf-8", newline="") as file:
                file.write(text)

    def _function(self, name: str) -> Any:
        if self.module is None:
            raise _Failure("crash", "this problem's programs are commands: use program.run(), not a function call")
        function = getattr(self.module, name, None)
        if function is None:
            raise _Failure("crash", f"the program has no function {name!r} in {self.entry}")
        if not callable(function):
            raise _Failure("crash", f"{name!r} in {self.entry} is a {type(function).__name__}, not a function")
        return function

    def _look(self, name: str) -> list[str] | tuple[str, Any]:
        """All public names for "", else `missing`, `function` (anything to be called) or `value` with the value."""
        if not name:
            return [str(each) for each in vars(self.module) if not str(each).startswith("_")]
        if not hasattr(self.module, name):
            return "missing", None
        value = getattr(self.module, name)
        return ("function", None) if callable(value) else ("value", value)

    def _describe(self, error: BaseException) -> tuple[str, str]:
        """Status and text, made here: the evaluator never runs a candidate's `__str__`."""
        if isinstance(error, _Failure):
            return error.status, str(error)
        if isinstance(error, codec.NotData):
            return "output", f"the result is refused: {error}"
        status = "memory" if isinstance(error, MemoryError) else "crash"
        if isinstance(error, SyntaxError) and self.module is None:
            status = "syntax"
        return status, describe(error, set(self.files))

    def _build(self, command: list[str]) -> None:
        code, output, errors = self._spawn(command, b"")
        if code:
            tail = (output + errors)[-calls.FEEDBACK :].decode("utf-8", "replace")
            raise _Failure("syntax", f"the build command ended with code {code}\n{tail}")

    def _spawn(self, command: list[str], stdin: bytes) -> tuple[int, bytes, bytes]:
        """Run a command in the private directory; files, not pipes, so that the file-size limit bounds its output."""
        with contextlib.ExitStack() as stack:
            streams = [stack.enter_context(open(os.path.join(self.private, f".{name}"), "w+b", buffering=0))
                       for name in ("stdin", "stdout", "stderr")]  # fmt: skip
            streams[0].write(stdin)
            streams[0].seek(0)
            pid = os.fork()
            if pid == 0:
                self._become(command, [stream.fileno() for stream in streams])
            _, status, usage = os.wait4(pid, 0)
            for stream in streams[1:]:
                stream.seek(0)
            code = os.waitstatus_to_exitcode(status)
            if code == -signal.SIGXFSZ:
                raise _Failure("output", "the program wrote more than the file-size limit")
            if code == -signal.SIGXCPU or (code == -signal.SIGKILL and usage.ru_utime + usage.ru_stime >= self.cpu):
                raise _Failure("timeout", f"the program used more than {self.cpu} s of CPU")
            return code, streams[1].read(), streams[2].read()

    def _become(self, command: list[str], streams: list[int]) -> None:
        import resource

        environment = {"PATH": f"{os.path.dirname(sys.executable)}:/usr/local/bin:/usr/bin:/bin",
                       "HOME": self.private, "TMPDIR": self.private, "LANG": "C.UTF-8"}  # fmt: skip
        try:
            for place, fd in enumerate(streams):
                os.dup2(fd, place)
            os.closerange(3, 256)
            for name in (signal.SIGPIPE, signal.SIGXFSZ):
                signal.signal(name, signal.SIG_DFL)
            resource.setrlimit(resource.RLIMIT_CPU, (self.cpu, self.cpu + 1))
            if self.alone:
                stay_alone()
            os.execvpe(command[0], command, environment)
        except OSError as error:
            os.write(2, f"cannot start {command[0]!r}: {error.strerror}\n".encode())
        finally:
            os._exit(127)


def describe(error: BaseException, files: set[str]) -> str:
    """The traceback from the first frame that lies in one of `files`, its end kept when it is long."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename not in files:
        trace = trace.tb_next
    try:
        text = "".join(traceback.format_exception(type(error), error, trace, limit=-12))
    except Exception as inner:  # a hostile or broken __str__
        text = f"{type(error).__name__} (its text cannot be made: {type(inner).__name__})"
    return text.strip()[-calls.FEEDBACK :]


def _module_name(entry: str) -> str:
    return entry.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


class _Importer(MetaPathFinder, Loader):
    """Imports a program's Python files from memory, with their own lines in tracebacks."""

    def __init__(self, sources: dict[str, str]) -> None:
        self.sources = {_module_name(path): path for path in sources}
        self.texts = sources
        self.packages = {name.rpartition(".")[0] for name in self.sources if "." in name}
        self.packages |= {_module_name(path) for path in sources if path.endswith("/__init__.py")}

    def find_spec(self, name: str, path: object, target: object = None) -> ModuleSpec | None:
        if name not in self.sources and name not in self.packages:
            return None
        return ModuleSpec(name, self, origin=self.sources.get(name), is_package=name in self.packages)

    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        path = self.sources.get(module.__name__)
        if path is None:
            return
        text = self.texts[path]
        linecache.cache[path] = (len(text), None, text.splitlines(keepends=True), path)
        module.__file__ = path
        code: CodeType = compile(text, path, "exec", dont_inherit=True)
        exec(code, module.__dict__)
