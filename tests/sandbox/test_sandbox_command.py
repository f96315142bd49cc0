"""Programs that are commands stand behind the same walls as functions do; all else hostile is in tests/attacks."""

from __future__ import annotations

import sys

import pytest

from evolve.domain import Limits, Status
from evolve.sandbox.local import LocalSandbox
from evolve.testing import opened, sealed

EVALUATE = """
def evaluate(program, case):
    done = program.run()
    return {"code": done.returncode, "n": len(done.stdout)}
"""
FORKS = "(:) || exit 7\n"
SCRIPT = "cat /etc/passwd; ls /root; cat /proc/1/environ; ls /evaluator; echo x > /usr/evil; exit 3\n"


@pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux")
def test_a_command_is_walled_in_too() -> None:
    problem = sealed(EVALUATE, entry="main.sh", language="shell", command=("/bin/sh", "{entry}"))
    with opened(lambda sealed: LocalSandbox(sealed, 1), problem) as run:
        (result,) = run({"main.sh": SCRIPT})
        assert (result.status, result.metrics) == (Status.VALID, {"code": 3, "n": 0}), result


@pytest.mark.skipif(sys.platform != "linux", reason="the filter of system calls is Linux")
@pytest.mark.parametrize(("processes", "code"), [(1, 2), (4, 0)])
def test_one_process_is_one_for_a_run_and_not_for_a_build(processes: int, code: int) -> None:
    build = ("/bin/sh", "-c", "(:) && (:) && (:)")
    problem = sealed(EVALUATE, entry="main.sh", language="shell", command=("/bin/sh", "{entry}"), build=build)
    with opened(lambda sealed: LocalSandbox(sealed, 1), problem) as run:
        (result,) = run({"main.sh": FORKS}, limits=Limits(processes=processes))
        assert (result.status, result.metrics.get("code")) == (Status.VALID, code), result
