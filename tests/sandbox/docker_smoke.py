"""A few tests of the conformance suite, for daemons and modes in which the whole of it would say little more."""

from __future__ import annotations

from evolve.testing import OpenSandbox, SandboxConformance

SMOKE = (
    "test_arrays_cross_unchanged",
    "test_candidate_failures_are_statuses",
    "test_forged_replies_are_suspect",
    "test_cases_and_holdout",
)


def smoke(open_sandbox: OpenSandbox, name: str) -> None:
    """Run one of them."""
    getattr(SandboxConformance(), name)(open_sandbox)
