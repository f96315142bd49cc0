"""`evolve demo` replays a shipped recording: when a prompt changes, it has to be recorded anew."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Evolve

AGAIN = "prompts or the search changed: record the demo anew with python -m tests.standin.record_demo"


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
