"""Whether a Docker daemon answers here, asked once."""

from __future__ import annotations

import pytest

from evolve.errors import SandboxUnavailable
from evolve.sandbox.base import SealedProblem
from evolve.sandbox.daemon import connect


def _refusal() -> str:
    try:
        connect().close()
    except SandboxUnavailable as error:
        return str(error)
    return ""


def skip_without_shell(problem: SealedProblem) -> None:
    """Skip the test when the problem has commands and there is no image with a shell: that takes minutes to make."""
    from evolve.sandbox.image import ensure_image

    if not (problem.build or problem.command):
        return
    client = connect()
    try:
        ensure_image(client, problem)
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    finally:
        client.close()


daemon = pytest.mark.skipif(bool(_REFUSAL := _refusal()), reason=_REFUSAL)
"""Marks tests that need one."""
