"""The manifest names what decides numbers, and what of it changed."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import evolve
from evolve.meta.manifest import changed, host_digests, manifest, suite_digest
from evolve.meta.records import Suite, SuiteProblem, Use

SUITE = Suite("pair", 8, (SuiteProblem("one", "/one", Use.SEARCH, 1.0), SuiteProblem("two", "/two", Use.SEALED, 2.0)))


def test_the_hosts_sources_are_hashed_as_they_lie_on_the_disk() -> None:
    found = host_digests()
    wanted = ("meta/gate.py", "meta/areas.py", "scaffold/wire.py", "scaffold/serve.py", "search.py", "budget.py")
    wanted += ("store/replay.py", "recording.py", "rivals.py")
    for name in wanted:
        path = Path(evolve.__file__).parent / name
        assert found[name] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert "guest/guest.py" in found
    assert "guest/evolve_guest/evaluator.py" in found
    assert not {name for name in found if name.startswith(("cli/", "web/", "report/", "scaffold/operators/"))}


def test_the_suite_and_its_problems_are_in_it_wherever_they_lie() -> None:
    noted = manifest(SUITE, {"one": "1" * 64, "two": "2" * 64})
    assert noted["problem two"] == "2" * 64
    first, second = SUITE.problems
    moved = replace(SUITE, problems=(replace(first, folder="/elsewhere"), second))
    assert suite_digest(moved) == suite_digest(SUITE) == noted["suite"]
    easier = replace(SUITE, problems=(first, replace(second, ceiling=1.5)))
    assert suite_digest(easier) != suite_digest(SUITE)


def test_a_change_is_named() -> None:
    old = manifest(SUITE, {"one": "1" * 64, "two": "2" * 64})
    assert changed(old, dict(old)) is None
    assert (changed(old, {**old, "problem two": "3" * 64}) or "").endswith("began: problem two changed")
    new = {**old, "meta/gate.py": "0" * 64, "meta/other.py": "0" * 64}
    del new["budget.py"]
    said = changed(old, new) or ""
    assert said.endswith("began: meta/gate.py changed; budget.py is gone; meta/other.py is new")
    assert (changed(old, dict.fromkeys(old, "")) or "").endswith(f" and {len(old) - 5} more changed")
