"""What `make meta-demo` takes, worked out before it is run: few enough calls, and enough of them for its verdict."""

from __future__ import annotations

from benchmarks import meta_demo
from evolve.meta import gate
from evolve.meta.probes import worse
from evolve.meta.records import Measured, Stage, Trial, TrialKey, Use
from evolve.meta.settings import CampaignSettings
from evolve.meta.state import CampaignState
from evolve.meta.suites import load_suite
from evolve.report.meta_plan import plan_of

SUITE = load_suite(meta_demo.SUITE)
SETTINGS = CampaignSettings(**meta_demo.SMALL, children=meta_demo.CHILDREN)


def test_the_demo_is_small_enough_for_a_few_minutes() -> None:
    """About 0.2 seconds of CPU a call, on two cores."""
    plan = plan_of(CampaignState(SUITE, SETTINGS, "base", 7, {}), None)
    assert plan.calls <= 1100
    assert [share.name for share in plan.shares][-1] == "control: the base for longer"


def test_its_certificate_can_be_granted_and_its_probes_can_forbid_it() -> None:
    assert gate.least_p(len(SUITE.used(Use.SEALED))) < SETTINGS.alpha
    probes = [problem.name for problem in SUITE.used(Use.PROBE)]

    def probed(scaffold: int, area: float) -> list[Trial]:
        keys = [
            TrialKey(scaffold, name, seed, Stage.PROBE, 1) for name in probes for seed in range(SETTINGS.probe_seeds)
        ]
        return [Trial(key, Measured((area,), 0.0, 1), area, (area,)) for key in keys]

    assert worse(probed(1, 0.1), probed(0, 0.5), alpha=SETTINGS.alpha, tolerance=SETTINGS.tolerance)
