"""`evolve meta run` and `imp` as a person uses them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.cli.conftest import COMMAND, Evolve, environment
from tests.standin.mind import mind
from tests.standin.server import StandInServer

ROOT = Path(__file__).parents[2]
SUITE = ROOT / "benchmarks" / "suites" / "demo.toml"
MODEL = ("--model", "openai/standin", "--api-base", "http://127.0.0.1:1/v1")
SMALL = (
    *("--children", 1, "--seed", 7, "--rank-seeds", 1, "--confirm-seeds", 1, "--certificate-seeds", 1),
    *("--set", "meta.probe_seeds=1", "--controls", "none", "--calls", 600),
)


@pytest.mark.parametrize(
    ("flags", "refusal"),
    [
        ((), "rule dgm asks a model for edits; name one with --model"),
        (MODEL, "say what the campaign may take at most: --budget 20usd, or --calls"),
        ((*MODEL, "--budget", "5usd"), "the price of a call is unknown, so a budget of $5 cannot be held"),
        ((*MODEL, "--budget", "10min"), "limits seconds, which no campaign is limited in"),
        ((*MODEL, "--calls", 10, "--budget", "20calls"), "sets the limit on calls a second time"),
        ((*MODEL, "--calls", 3000, "--controls", "longer,best"), "controls[1] = 'best'"),
        ((*MODEL, "--calls", 3000, "--rule", "fancy"), "rule = 'fancy'"),
        ((*MODEL, "--calls", 3000, "--set", "meta.childs=3"), "childs is not a known key; did you mean 'children'?"),
        ((*MODEL, "--calls", 3000, "--set", "meta.children"), "is no key=value"),
        ((*MODEL, "--calls", 3000, "--base", "abcdef0"), "abcdef0"),
        ((*MODEL, "--calls", 3000, "--base", "./none"), "--base ./none is neither a folder, zero, CAMPAIGN:NUMBER nor"),
        ((*MODEL, "--calls", 3000, "--base", SUITE.parent), "holds no scaffold that can run"),
        ((*MODEL, "--calls", 3000, "--base", "last:1"), "has no campaign yet"),
        (("--llm", "replay"), "a campaign cannot be replayed"),
        ((*MODEL, "--recording", 3), "a campaign cannot be replayed"),
        ((*MODEL, "--strategy", "random"), "--strategy would change nothing"),
        ((*MODEL, "--set", "budget.seconds=5"), "--set budget.seconds would change nothing"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_stored(
    evolve: Evolve, tmp_path: Path, flags: tuple[object, ...], refusal: str
) -> None:
    ended = evolve(tmp_path, "meta", "run", "--suite", SUITE, *flags)
    assert ended.code == 2, ended.err
    assert refusal in ended.err
    listed = evolve(tmp_path, "meta", "list")
    assert "no campaigns yet" in listed.out or "there is no database" in listed.err


@pytest.mark.parametrize("name", ["mine:2", "mine/2"])
def test_a_name_that_could_be_something_else_is_refused(evolve: Evolve, tmp_path: Path, name: str) -> None:
    ended = evolve(tmp_path, "meta", "run", "--suite", SUITE, *MODEL, "--calls", 3000, "--name", name)
    assert ended.code == 2
    assert f"--name '{name}'" in ended.err
    assert not (tmp_path / "evolve.db").exists()


def test_a_suite_that_could_certify_nothing_is_refused_before_a_call(evolve: Evolve, tmp_path: Path) -> None:
    ended = evolve(tmp_path, "meta", "run", "--suite", SUITE, *MODEL, "--calls", 9000, "--set", "meta.alpha=0.01")
    assert ended.code == 2
    assert "6 sealed problems, and no certificate at alpha = 0.01 takes fewer than 7" in ended.err


def test_an_unknown_suite_names_those_there_are(evolve: Evolve, tmp_path: Path) -> None:
    ended = evolve(tmp_path, "meta", "run", "--suite", "huge", *MODEL, "--calls", 100)
    assert ended.code == 2
    assert "small" in ended.err


def test_a_budget_that_reaches_no_verdict_begins_nothing_and_says_what_it_takes(evolve: Evolve, tmp_path: Path) -> None:
    flags = ("--suite", SUITE, *MODEL, "--sandbox", "local")
    ended = evolve(tmp_path, "meta", "run", *flags, "--calls", 50)
    assert ended.code == 2
    found = re.search(r"the budget of 50 calls does not cover .* give at least (\d,\d{3}) calls", ended.err)
    assert found is not None, ended.err
    assert evolve(tmp_path, "meta", "list", "--json").json()["campaigns"] == []


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_campaign_is_interrupted_gone_on_with_and_looked_at(evolve: Evolve, tmp_path: Path) -> None:
    with StandInServer(mind("medium")) as server:
        flags = ("--suite", SUITE, "--model", "openai/standin", "--api-base", server.url, "--sandbox", "local", *SMALL)
        assert _interrupted(tmp_path, flags) == 130
        before = len(server.chats)
        calls = evolve(tmp_path, "meta", "show", "--json").json()["spent"]["calls"]
        assert 0 < calls < 200
        ended = evolve(tmp_path, "meta", "run", *flags)
        assert ended.code == 0, ended.err
        assert "goes on" in ended.out
        assert "at most" in ended.out
        data = evolve(tmp_path, "meta", "show", "demo", "--json").json()
        assert data["spent"]["calls"] <= 600
        assert len(server.chats) <= data["spent"]["calls"]  # nothing was bought twice
        assert before < len(server.chats)
        again = evolve(tmp_path, "meta", "run", *flags, "--json", "--quiet")
        assert again.code == 0
        assert again.json()["log"] == data["log"]
        assert again.json()["verdict"] == data["verdict"]
        assert evolve(tmp_path, "meta", "verify", "demo", "--head", data["log"]["head"]).code == 0
        assert evolve(tmp_path, "runs").out.startswith("no runs yet")
        imp = evolve(tmp_path, "meta", "imp", "demo", 0, "-k", 1, "--json")
        assert imp.code == 0, imp.err
        assert json.loads(imp.out)["k"] == 1
        assert "imp@1" in evolve(tmp_path, "meta", "show").out


def _interrupted(folder: Path, flags: tuple[object, ...]) -> int:
    """Start a campaign in a process of its own and press Ctrl-C once when its first runs are measured."""
    command = [*COMMAND, "meta", "run", *map(str, flags)]
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment(OPENAI_API_KEY=""),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "calibrate" in line:
                break
        os.kill(process.pid, signal.SIGINT)
        deadline = time.monotonic() + 120
        process.communicate(timeout=max(1.0, deadline - time.monotonic()))
        return process.returncode
