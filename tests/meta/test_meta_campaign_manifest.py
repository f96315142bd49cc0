"""Nothing is decided, and nothing measured, on figures from before and after a change of what decides them."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from evolve.errors import UserError
from evolve.meta.book import MemoryBook
from evolve.meta.entries import Entry, kind_of
from evolve.meta.imp import measure_imp
from evolve.meta.manifest import host_digests
from evolve.meta.records import Stage, Trial
from evolve.meta.state import CampaignState
from tests.meta.conftest import Run, keen, run_toy

CHANGED = {"toy": "2"}


@pytest.mark.parametrize(
    ("after", "never"), [(Stage.CALIBRATE, "calibrated"), (Stage.CONFIRM, "chosen"), (Stage.CERTIFY, "certificate")]
)
def test_a_change_while_a_stage_is_measured_is_seen_before_its_figures_decide(after: Stage, never: str) -> None:
    book, manifest = MemoryBook(), {"toy": "1"}

    def change(entry: Entry, state: CampaignState) -> None:
        if isinstance(entry, Trial) and entry.key.stage is after:
            manifest.update(CHANGED)

    with pytest.raises(UserError, match="toy changed; figures from before and after do not compare"):
        run_toy(keen(manifest=manifest), book=book, watches=[change])
    assert never not in {kind_of(entry) for entry in book.entries()}
    assert any(isinstance(entry, Trial) and entry.key.stage is after for entry in book.entries())


@pytest.mark.parametrize("decision", ["calibrated", "leaders", "chosen", "certificate"])
def test_a_killed_campaign_decides_nothing_with_other_sources(toy_run: Run, decision: str) -> None:
    _, whole = toy_run()
    entries = list(whole.entries())
    cut = MemoryBook(entries[: [kind_of(entry) for entry in entries].index(decision)])
    for digest in whole.digests():
        cut.keep(whole.genome(digest))
    before = list(cut.entries())
    with pytest.raises(UserError, match="toy changed"):
        run_toy(keen(manifest=CHANGED), book=cut)
    assert list(cut.entries()) == before


def test_imp_is_not_measured_with_other_sources_than_its_base(toy_run: Run) -> None:
    _, book = toy_run()
    bench = keen(manifest=CHANGED)
    with pytest.raises(UserError, match="toy changed; figures from before and after do not compare"):
        asyncio.run(measure_imp(book, bench, 0, 1))
    assert bench.bought == 0


@pytest.mark.slow
def test_every_module_that_a_trial_loads_is_in_the_manifest() -> None:
    """But for those of scaffold zero, which is what is measured, and plain declarations."""
    asked = (
        "import sys, evolve.meta.sitting, evolve.meta.runs\n"
        "print(*(module.__file__ for name, module in sys.modules.items() if name.startswith('evolve.')))"
    )
    loaded = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout.split()
    names = {path.rpartition("/evolve/")[2] for path in loaded}
    plain = {"callable.py", "errors.py", "events.py"}
    assert not {name for name in names - set(host_digests()) - plain if not name.startswith("scaffold/")}
    assert {"rivals.py", "recording.py", "store/replay.py"} <= set(host_digests())
