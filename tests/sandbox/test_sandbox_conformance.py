from __future__ import annotations

import sys

import pytest

from evolve.sandbox.base import Level, SealedProblem
from evolve.sandbox.local import LocalSandbox
from evolve.testing import OpenSandbox, SandboxConformance


class TestLocalSandbox(SandboxConformance):
    @pytest.fixture
    def open_sandbox(self) -> OpenSandbox:
        return lambda sealed: LocalSandbox(sealed, 1, allow_unsandboxed=sys.platform != "linux")


@pytest.mark.skipif(sys.platform != "linux", reason="Landlock is Linux")
class TestLandlockOnly(SandboxConformance):
    @pytest.fixture
    def open_sandbox(self) -> OpenSandbox:
        def make(sealed: SealedProblem) -> LocalSandbox:
            return LocalSandbox(sealed, 1, strongest=Level.LANDLOCK)

        return make


class TestUnsandboxed(SandboxConformance):
    @pytest.fixture
    def open_sandbox(self) -> OpenSandbox:
        return lambda sealed: LocalSandbox(sealed, 1, allow_unsandboxed=True, strongest=Level.PROCESS)
