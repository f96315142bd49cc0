"""The suite's own honesty: it is as large as promised, its heads mean something, and it sees what it should see."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import arena
import heads
import judge
import leftovers
import pytest

from evolve.domain import Status
from evolve.sandbox.base import CaseResult, Level
from evolve.sandbox.local import LocalSandbox

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
HEAD = "# what: it\n# expect: valid\n# score: 0.5\n"
MARK = Path("/tmp/evolve-attack-mark-of-the-suite")


def test_it_is_as_large_as_promised_and_says_what_it_expects() -> None:
    attacks = heads.everything()
    sizes = Counter(attack.category for attack in attacks)
    assert sizes["resources"] + sizes["escape"] + sizes["tampering"] >= 70
    assert sizes["resources"] >= 26
    assert sizes["escape"] >= 28
    assert sizes["tampering"] >= 34
    assert sizes["honest"] >= 8
    assert len({attack.name for attack in attacks}) == len(attacks), "a name is an id, whatever its category"
    for attack in attacks:
        assert attack.bounded or attack.category == "honest", f"{attack.name}: valid without a score or escaped bound"
        assert attack.most < 2.0, f"{attack.name}: only a stolen answer scores 2.0"
        assert not (attack.core and attack.slow), f"{attack.name}: what is slow is no part of make test"


def test_make_test_has_a_few_of_every_category() -> None:
    core = Counter(attack.category for attack in heads.everything() if attack.core)
    assert set(core) == set(heads.CATEGORIES)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# what: it\n", "# expect"),
        ("# what: it\n# expect: fine\n", "'fine' is not a valid Status"),
        (HEAD + "# scor: 1\n", "'# scor: 1' is no line of a head"),
        (HEAD + "# backends: local\n", "must say why"),
        (HEAD + "# backends: podman; why\n", "backends are local and docker"),
        (HEAD + "# limits: walls=3\n", "no limit 'walls'"),
        (HEAD + "# judge: thrice\n", "not 'thrice'"),
    ],
)
def test_a_head_that_makes_no_sense_says_so(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "escape" / "odd.py"
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(ValueError, match=f"escape/odd.py: .*{said}"):
        heads.read(path)


def test_a_program_broken_on_one_backend_is_expected_to_hold_on_the_other(tmp_path: Path) -> None:
    path = tmp_path / "odd.py"
    path.write_text(HEAD + "# broken: docker; it gets through\n")
    attack = heads.read(path)
    assert (attack.broken_on("docker"), attack.broken_on("local")) == ("it gets through", "")


def valid(score: float = 0.0, escaped: int = 0, seconds: float = 1.0, seen: str = "") -> CaseResult:
    metrics = {"score": score, "escaped": escaped, "seconds": seconds}
    return CaseResult(0, Status.VALID, metrics, artifacts={"seen": seen} if seen else {})


def test_what_should_not_be_is_a_fault() -> None:
    attack = heads.read(heads.FOLDER / "resources" / "survivors.py")
    lax = replace(attack, expect=frozenset({Status.VALID, Status.CRASH}), least=0.0, most=1.0, escaped=0, seconds=0.05)
    crash = CaseResult(0, Status.CRASH)

    def faults(*results: CaseResult, attack: heads.Attack = lax) -> list[str]:
        return judge.faults(attack, [judge.Outcome.of(results, 3)])

    assert faults(valid(1.0), valid(1.0), valid(1.0)) == []
    assert faults(valid(2.0), valid(2.0), crash) == []
    assert "it scored 1.33" in faults(valid(2.0), valid(2.0), valid(0.0))[0]
    assert "got away with 1 thing" in faults(valid(0.0, escaped=1))[0]
    assert "seemed to take 0.01" in faults(valid(seconds=0.01))[0]
    assert "it ended as timeout" in faults(CaseResult(0, Status.TIMEOUT))[0]
    assert "it scored 0.66" in faults(valid(1.0), valid(1.0), attack=replace(lax, least=1.0))[0]
    apart = [judge.Outcome.of([valid(seen=split)], 1) for split in ("search", "holdout")]
    assert "tell the splits" in judge.faults(replace(lax, ways=frozenset({"holdout"})), apart)[0]


@contextlib.contextmanager
def running(*command: str) -> Iterator[int]:
    """A process of ours that has said it is ready."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process.pid
        finally:
            process.kill()


_HOLDER = """
import ctypes, socket, sys
held = [open("/dev/null") for _ in range(3)]
memory = bytearray(b"x") * 40_000_000
if "objects" in sys.argv:
    held.append(socket.socket(socket.AF_UNIX))
    held[-1].bind("\\0evolve-attack")
    libc = ctypes.CDLL(None)
    assert libc.shmget(0, 4096, 0o1600) >= 0
    assert libc.mq_open(b"/evolve-attack", 0o102, 0o600, None) >= 0
print("ready", flush=True)
sys.stdin.read()
"""


@LINUX
def test_processes_descriptors_and_memory_that_stay_are_seen() -> None:
    before = leftovers.footprint(frozenset)
    with running(sys.executable, "-c", _HOLDER) as pid:
        found = leftovers.left_behind(lambda: frozenset({pid}), before, time.sleep, patience=0.1)
    assert "0 processes became 1" in found[0]
    assert "open descriptors of its processes were {} and are" in found[1]
    assert "its memory grew from 0" in found[2]
    assert leftovers.left_behind(frozenset, before, time.sleep) == []


@LINUX
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may look into namespaces")
@pytest.mark.skipif(shutil.which("unshare") is None, reason="there is no unshare here")
def test_objects_that_stay_in_the_namespaces_of_a_slot_are_seen() -> None:
    with running("unshare", "-n", "-i", sys.executable, "-c", _HOLDER, "objects") as pid:
        objects = " ".join(leftovers.footprint(lambda: frozenset({pid})).objects)
    assert "abstract socket @evolve-attack" in objects
    assert "shm" in objects
    assert "queue evolve-attack" in objects


@LINUX
def test_a_mark_left_where_no_wall_stands_is_seen() -> None:
    """The same arena over two bare processes: what is left for the next program to read is a fault there."""
    attack = heads.read(heads.FOLDER / "honest" / "plain.py")
    marks = replace(attack, source=f"open({str(MARK)!r}, 'w').close()\n{attack.source}")
    others = leftovers.children()
    sandbox = LocalSandbox(judge.problem(), 1, allow_unsandboxed=True, strongest=Level.PROCESS)
    with asyncio.Runner() as runner:
        try:
            runner.run(sandbox.start())
            bare = arena.Arena(runner, sandbox, lambda: leftovers.trees(leftovers.children() - others))
            assert str(MARK) not in str(bare.faults(attack))
            assert str(MARK) in str(bare.faults(marks))
        finally:
            MARK.unlink(missing_ok=True)
            runner.run(sandbox.close())


@LINUX
def test_a_socket_of_our_own_namespace_is_nobodys_leftover() -> None:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind("\0evolve-attack-own")
        assert leftovers.footprint(lambda: frozenset({os.getpid()})).objects == frozenset()
