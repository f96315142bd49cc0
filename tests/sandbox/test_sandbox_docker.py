"""The Docker sandbox against a real daemon: the conformance suite, and what only containers can do wrong."""

from __future__ import annotations

import pytest
from docker_daemon import daemon, skip_without_shell

from evolve.sandbox.base import SealedProblem
from evolve.sandbox.docker import DockerSandbox
from evolve.testing import OpenSandbox, SandboxConformance

pytestmark = [pytest.mark.slow, daemon]


class TestDockerSandbox(SandboxConformance):
    """The suite every backend passes."""

    @pytest.fixture
    def open_sandbox(self) -> OpenSandbox:
        """One warm container at a time."""

        def opened(problem: SealedProblem) -> DockerSandbox:
            skip_without_shell(problem)
            sandbox = DockerSandbox(problem, 1)
            sandbox.spares = 0
            return sandbox

        return opened
