"""Whether a Docker daemon answers here, asked once."""

from __future__ import annotations

import pytest

from evolve.errors import SandboxUnavailable
from evolve.sandbox.docker import connect


def _refusal() -> str:
    try:
        connect().close()
    except SandboxUnavailable as error:
        return str(error)
    return ""


daemon = pytest.mark.skipif(bool(_REFUSAL := _refusal()), reason=_REFUSAL)
"""Marks tests that need one."""
