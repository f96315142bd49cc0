"""Hostile programs. They run inside the sandbox only, and each is bounded by limits."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sandbox_processes import lasting_candidates

from evolve.domain import Limits, Status
from evolve.sandbox.base import Level
from evolve.sandbox.local import LocalSandbox
from evolve.testing import Look, opened, sealed

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux")

EVALUATE = """
SECRET = "the-evaluators-" + "secret"
def evaluate(program, case):
    return {"got": program.f()}
"""


@pytest.fixture(scope="module")
def run() -> Iterator[Look]:
    sandbox: list[LocalSandbox] = []

    def make(problem: object) -> LocalSandbox:
        sandbox.append(LocalSandbox(problem, 1))  # type: ignore[arg-type]
        return sandbox[0]

    with opened(make, sealed(EVALUATE, case_seed=987654321)) as look:
        if sandbox[0].isolation.level is not Level.NAMESPACES:
            pytest.skip(f"no namespaces here: {sandbox[0].isolation.sentence()}")
        yield look


def got(run: Look, program: str, **job: object) -> float:
    """The metric of a program whose `f` counts what it got away with."""
    (result,) = run(program, **job)
    assert result.status is Status.VALID, result.feedback
    return result.metrics["got"]


TRY = """
import ctypes, os, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
def works(action):
    try:
        return action() not in (-1, None, False)
    except OSError:
        return False
"""


def test_no_network(run: Look) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        program = f"""{TRY}
def connect(family, kind, address):
    with socket.socket(family, kind) as sock:
        sock.connect(address)
        return True
def f():
    attempts = [
        lambda: connect(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", {port})),
        lambda: connect(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", {port})),
        lambda: connect(socket.AF_INET6, socket.SOCK_STREAM, ("::1", {port})),
        lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
        lambda: socket.socket(socket.AF_UNIX),
        lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW),
    ]
    return sum(map(works, attempts))
"""
        assert got(run, program) == 0


def test_no_files_but_the_interpreters(run: Look, tmp_path: Path) -> None:
    (tmp_path / "evaluate.py").write_text("x")
    paths = ["/etc/passwd", "/proc/self/maps", "/proc/1/environ", "/sys", "/dev/shm/..", "/var", "/root/.bashrc"]
    paths += ["/boot", "/evaluator", "/dev/mem", "/dev/vda"]
    paths += [str(tmp_path), str(Path(__file__)), str(Path.home() / ".ssh")]
    program = f"""{TRY}
def f():
    found = 0
    for path in {paths!r}:
        found += works(lambda: os.listdir(path) if os.path.isdir(path) else open(path).read() + "x")
    # Whatever can be walked: no evaluator, no database, nothing of the project.
    for top, folders, files in os.walk("/"):
        if top.count("/") > 6: folders.clear()
        found += "evaluate.py" in files or "problem.toml" in files
    return found
"""
    assert got(run, program) == 0


def test_no_writes_outside_the_private_directory(run: Look) -> None:
    program = f"""{TRY}
import json
def f():
    places = ["/", "/usr", "/usr/lib", os.path.dirname(json.__file__), "/bin", "/dev", os.path.dirname(sys.executable)]
    open("/tmp/mine", "w").write("x"); open("/dev/shm/mine", "w").write("x"); open("/dev/null", "w").write("x")
    found = sum(works(lambda: open(os.path.join(place, "evil"), "w") and True) for place in places)
    found += works(lambda: os.remove(json.__file__) or True) + works(lambda: os.chmod(json.__file__, 0o777) or True)
    return found + works(lambda: open(json.__file__, "a") and True)
"""
    assert got(run, program) == 0


def test_no_privilege_and_no_kernel_surface(run: Look) -> None:
    program = f"""{TRY}
def f():
    attempts = [
        lambda: libc.unshare(0x10000000), lambda: libc.unshare(0x20000), lambda: libc.setns(0, 0),
        lambda: libc.mount(b"x", b"/tmp", b"tmpfs", 0, None), lambda: libc.umount2(b"/tmp", 2),
        lambda: libc.chroot(b"/tmp"), lambda: libc.ptrace(0, 0, 0, 0),
        lambda: libc.shmget(0, 4096, 0o1600), lambda: libc.semget(0, 1, 0o1600),
        lambda: libc.msgget(0, 0o1600), lambda: libc.memfd_create(b"x", 0), lambda: libc.syscall(435, 0, 0),
        lambda: libc.syscall(425, 8, 0), lambda: libc.syscall(321, 0, 0, 0), lambda: libc.syscall(298, 0, 0, 0, 0, 0),
        lambda: libc.syscall(323, 0), lambda: libc.syscall(250, 0, 0), lambda: libc.personality(0),
        lambda: libc.sethostname(b"x", 1), lambda: os.chown("/tmp", 1, 1) or 1,
        lambda: os.nice(-5) or 1,
        lambda: libc.mknod(b"/tmp/disk", 0o60666, 0xFE00), lambda: libc.setrlimit(7, (ctypes.c_ulong * 2)(4096, 4096)),
    ]
    return sum(map(works, attempts))
"""
    assert got(run, program) == 0


def test_nothing_is_inherited(run: Look) -> None:
    """Three descriptors and a socket, no environment, no arguments, no trace of other parties in memory."""
    program = f"""{TRY}
import gc
def f():
    open_fds = 0
    for fd in range(4, 256):
        open_fds += works(lambda: os.fstat(fd) and True)
    texts = [repr(thing) for thing in gc.get_objects() if type(thing) in (dict, list, tuple)]
    words = ["-".join(["the", "evaluators", "secret"]), "".join(["9876", "54321"])]
    seen = sum(word in text for word in words for text in texts)
    return open_fds + len(os.environ) + len(sys.argv[0]) + seen
"""
    assert got(run, program) == 0


def test_signals_reach_nobody_else(run: Look) -> None:
    program = f"""{TRY}
import signal
def f():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    alone = os.getpid() == 1 and os.getppid() == 0
    for pid in (-1, 0, *range(2, 3000)):
        try:
            os.kill(pid, signal.SIGTERM)
            alone = alone and pid in (-1, 0)
        except ProcessLookupError:
            pass
    return not alone
"""
    assert got(run, program) == 0


def test_fork_bomb_dies_with_its_limits(run: Look) -> None:
    bomb = "import os\ndef f():\n    while True:\n        try: os.fork()\n        except OSError: pass\n"
    (result,) = run(bomb, limits=Limits(wall=0.7))
    # Held by the kernel at its limit it runs out of time; seen just above it, it is ended for that; and on a busy
    # machine its end may come so slowly that nobody waits for the rest of its answer.
    ways = ("processes", "took too long to read")
    assert result.status is Status.TIMEOUT or any(way in result.feedback for way in ways), result
    assert lasting_candidates() == []
    assert got(run, "def f(): return 7\n") == 7


def test_daemons_die_with_the_job(run: Look) -> None:
    program = """
import os, time
def f():
    for _ in range(3):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(60)
            os._exit(0)
    return 3
"""
    assert got(run, program) == 3
    assert got(run, "import os\ndef f(): return len(os.listdir('/tmp'))\n") == 0
    assert lasting_candidates() == []


def test_memory_is_counted_over_all_processes(run: Look) -> None:
    program = """
import os, time
def f():
    for _ in range(6):
        if os.fork() == 0:
            held = bytearray(b"x") * 40_000_000
            time.sleep(30)
    time.sleep(30)
"""
    (result,) = run(program, limits=Limits(wall=20, memory=128 * 1024**2))
    assert result.status is Status.MEMORY, result


def test_floods_of_files_are_bounded_and_gone(run: Look) -> None:
    flood = """
def f():
    made = 0
    try:
        for n in range(100_000):
            open(f"/tmp/{n}", "w").close()
            made += 1
    except OSError:
        pass
    return made
"""
    fill = """
def f():
    written = 0
    try:
        for n in range(100):
            with open(f"/tmp/{n}", "wb", buffering=0) as file:
                for _ in range(20):
                    written += file.write(bytes(1 << 20))
    except OSError:
        pass
    return written / 2**20
"""
    assert 1000 < got(run, flood) < 5000
    assert got(run, "import os\ndef f(): return len(os.listdir('/tmp'))\n") == 0
    assert got(run, fill) <= 64
    assert got(run, "import os\ndef f(): return len(os.listdir('/tmp'))\n") == 0


def test_no_message_to_the_next_candidate(run: Look) -> None:
    """The private directory is one per slot; whatever is done to it, the next candidate finds it untouched."""
    read = """
import os
def f():
    s = os.stat("/tmp")
    return s.st_mtime_ns == 12345 or s.st_mode & 0o7777 != 0o700 or len(os.listxattr("/tmp"))
"""
    for write in ("os.utime('/tmp', ns=(1, 12345))", "os.chmod('/tmp', 0o711)", "os.setxattr('/tmp', 'user.m', b'1')"):
        run(f"import os\ndef f():\n    try: {write}\n    except OSError: pass\n    return 1\n")
        assert got(run, read) == 0, write


def test_a_command_is_walled_in_too() -> None:
    evaluate = """
def evaluate(program, case):
    done = program.run()
    return {"code": done.returncode, "n": len(done.stdout)}
"""
    script = "cat /etc/passwd; ls /root; cat /proc/1/environ; ls /evaluator; echo x > /usr/evil; exit 3\n"
    problem = sealed(evaluate, entry="main.sh", language="shell", command=("/bin/sh", "{entry}"))
    with opened(lambda sealed: LocalSandbox(sealed, 1), problem) as run:
        (result,) = run({"main.sh": script})
        assert (result.status, result.metrics) == (Status.VALID, {"code": 3, "n": 0}), result


@pytest.mark.slow
def test_a_result_made_to_be_slow_to_read_is_the_candidates_failure(run: Look) -> None:
    """Integer keys with one hash make reading a dict quadratic: neither the author nor the engine waits for it."""
    program = """
import os, struct, sys, time
def f():
    frame = sys._getframe()
    while "nonce" not in frame.f_locals:
        frame = frame.f_back
    keys = [(n * (2**61 - 1)).to_bytes(12, "little") for n in range(1, 200_000)]
    body = b"m" + struct.pack("<I", len(keys)) + b"".join(b"I\\x0c\\x00\\x00\\x00" + key + b"N" for key in keys)
    data = memoryview(struct.pack("<BIQ", 5, len(body), frame.f_locals["nonce"]) + body)
    while data:
        data = data[os.write(3, data):]
    time.sleep(60)
"""
    start = time.monotonic()
    (result,) = run(program, limits=Limits(wall=2.0))
    assert (result.status, result.feedback) == (Status.OUTPUT, "the result took too long to read")
    assert time.monotonic() - start < 15
