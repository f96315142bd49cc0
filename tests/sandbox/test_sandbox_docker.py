"""The Docker sandbox with a real daemon: the conformance suite, where a layer is refused too, and what people see."""

from __future__ import annotations

from pathlib import Path

import pytest
from docker_daemon import daemon
from docker_slots import docker
from docker_smoke import SMOKE, smoke

from evolve.sandbox.base import Level
from evolve.testing import OpenSandbox, SandboxConformance
from tests.cli.conftest import Ran, run_evolve
from tests.conftest import write_tiny

pytestmark = [pytest.mark.slow, daemon]

NO_DAEMON = "unix:///nowhere/evolve-test.sock"


class TestDockerSandbox(SandboxConformance):
    """The suite every backend passes."""

    @pytest.fixture
    def open_sandbox(self) -> OpenSandbox:
        """One warm container at a time."""
        return lambda problem: docker(problem=problem)


@pytest.mark.parametrize("layer", ["landlock", "seccomp"])
@pytest.mark.parametrize("name", SMOKE)
def test_it_does_the_same_where_a_layer_is_refused(name: str, layer: str) -> None:
    smoke(lambda problem: docker(problem=problem, without=frozenset({layer})), name)


def test_a_run_keeps_its_walls_unless_it_is_told_otherwise(tmp_path: Path) -> None:
    """Begun in containers it does not go on without, except when asked; and then it says so ever after."""
    write_tiny(tmp_path / "tiny")

    def evolve(*arguments: object, host: str = "") -> Ran:
        environment = {"EVOLVE_SANDBOX": "auto"} | ({"DOCKER_HOST": host} if host else {})
        return run_evolve(tmp_path, *arguments, env=environment)

    assert evolve("run", "tiny", "--evaluations", 10, "--seed", 3).code == 0
    stored = evolve("show", "1", "--json").json()["isolation"]
    assert (stored["backend"], stored["level"]) == ("docker", Level.CONTAINER)
    assert stored["image"].startswith("evolve-sandbox:")
    assert stored["image"] in evolve("show", "1").out

    refused = evolve("resume", "1", "--evaluations", 20, host=NO_DAEMON)
    assert refused.code == 4
    assert "run 1 was scored at isolation level container" in refused.err
    assert f"no Docker daemon answers at {NO_DAEMON}" in refused.err
    assert "--sandbox local" in refused.err

    asked = evolve("resume", "1", "--evaluations", 20, "--sandbox", "local", host=NO_DAEMON)
    assert asked.code == 0, asked.err
    stored = evolve("show", "1", "--json").json()["isolation"]
    assert (stored["backend"], stored["level"]) == ("local", Level.NAMESPACES)
    assert "Some of its scores were made at level container" in " ".join(evolve("show", "1").out.split())
    [row] = evolve("runs", "--json").json()
    assert row["told"] >= 20

    stronger = evolve("resume", "1", "--evaluations", 25)
    assert stronger.code == 0, stronger.err
    assert evolve("show", "1", "--json").json()["isolation"]["level"] == Level.NAMESPACES, "the weakest is kept"
