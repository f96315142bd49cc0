"""`evolve demo` replays a shipped recording: when a prompt changes, it has to be recorded anew."""

from __future__ import annotations

import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import COMMAND, Evolve, environment

AGAIN = "prompts or the search changed: record the demo anew with python -m tests.standin.record_demo"


@pytest.mark.slow
def test_the_demo_replays_in_seconds_without_key_or_network_and_the_same_every_time(
    evolve: Evolve, tmp_path: Path
) -> None:
    keyless = {"OPENAI_API_KEY": "", "HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"}
    runs = []
    for _ in range(2):
        ran = evolve(tmp_path, "demo", "--json", "--quiet", env=keyless)
        assert ran.code == 0, f"{AGAIN}\n{ran.err}"
        runs.append(ran.json())
    first, second = runs
    assert first["reason"] == "150 evaluations used", AGAIN
    assert first["holdout"]["difference"]["better"]
    assert first["elapsed"] < 30
    assert first["models"]["calls"] > 50
    assert (first["best"], first["statuses"], first["diff"]) == (second["best"], second["statuses"], second["diff"])
    assert (tmp_path / "evolve-demo.db").exists()


@pytest.mark.slow
def test_the_demo_says_what_it_is_and_an_interrupted_one_goes_on(evolve: Evolve, tmp_path: Path) -> None:
    with subprocess.Popen(
        [*COMMAND, "demo"], cwd=tmp_path, env=environment(PYTHONUNBUFFERED="1"), stdout=subprocess.PIPE, text=True,
        start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert "replaying a recording" in (first := process.stdout.readline())
        assert "stand-in model at invented prices" in first
        for line in process.stdout:
            if re.search(r"best .*candidate [1-9]", line):
                break
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        assert process.wait(60) == 130
    assert "evolve resume 1 --db" in rest
    went_on = evolve(tmp_path, "resume", "last", "--db", "evolve-demo.db", "--json", "--quiet")
    assert went_on.code == 0, went_on.err
    summary = went_on.json()
    assert summary["reason"] == "150 evaluations used"
    assert summary["models"]["replay"] == "a recording"
    again = evolve(tmp_path, "resume", "last", "--db", "evolve-demo.db")
    assert again.code == 2
    assert "no more answers than were recorded" in again.err
