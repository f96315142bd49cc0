"""docs/meta.md: its commands work in order, and what it says of protocol, caps and settings is what the code says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from evolve.cli.meta import COMMANDS
from evolve.genome import folder, limits, static
from evolve.genome.caller import MOST_RESTARTS
from evolve.genome.fault import KINDS
from evolve.genome.genome import CONTRACT
from evolve.meta.records import Rule, Stage, Use
from evolve.meta.settings import CampaignSettings
from evolve.scaffold.base import METRICS
from evolve.scaffold.wire import OPS
from tests.cli.conftest import run_evolve
from tests.standin.mind import mind
from tests.standin.server import StandInServer

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "meta.md").read_text(encoding="utf-8")
SERVER = "http://127.0.0.1:8000/v1"
"""The address its commands name; the stand-in listens at another."""


def commands() -> list[list[str]]:
    blocks = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
    return [shlex.split(line, comments=True)[1:] for block in blocks for line in block.splitlines()]


def test_the_first_paragraph_says_what_is_shown_and_what_is_not() -> None:
    first = " ".join(TEXT.split("\n\n")[1].split())
    for said in (
        "selects, rejects, accounts and transfers correctly",
        "does **not** show that any real model gains anything",
        "hard cap on what it may cost",
        "evolve meta run --suite small --model openai/gpt-x --budget 20usd",
    ):
        assert said in first


def test_every_message_of_the_protocol_is_in_its_table_with_what_it_takes() -> None:
    for name, op in OPS.items():
        (row,) = re.findall(rf"^\| `{name}` \|.*$", TEXT, re.MULTILINE)
        if name != "amend":  # "the same", and two more
            assert all(f"`{key}`" in row for key in op.takes), row


def test_every_cap_and_kind_of_fault_is_the_one_of_the_code() -> None:
    shown = {
        f"{limits.MOST_PROMPT:,} characters in {limits.MOST_SECTIONS} sections",
        f"{limits.MOST_TURNS} in all",
        f"{limits.MOST_PROGRAM:,} characters",
        f"{limits.MOST_TAG}, {limits.MOST_IDEA}, {limits.MOST_LESSON:,}, {limits.MOST_REASON:,} characters",
        f"{limits.MOST_NAMED} each",
        f"{limits.MOST_SNAPSHOT // 1024} KiB",
        f"at most {MOST_RESTARTS} times a run",
        f"{folder.MOST_BYTES // 1024**2} MB and {folder.MOST_FILES} files",
        f"{folder.MOST_FILE // 1024} KiB each (the manifest {folder.MOST_MANIFEST // 1024} KiB)",
        f"one edit may change {static.MOST_CHANGED // 1024} KiB",
        f"at most {folder.MOST_SECONDS:g} ",
        *(f"`{suffix}`" for suffix in folder.SUFFIXES),
        *(f"`{kind}`" for kind in KINDS),
        *(f"`{name}`" for name in CONTRACT),
        *(f"`{metric}`" for metric in METRICS),
    }
    assert {said for said in shown if said not in TEXT} == set()


def test_every_rule_stage_use_setting_and_command_is_named() -> None:
    names = {*Rule, *Use, *(stage for stage in Stage if stage is not Stage.LONGER), *CampaignSettings.model_fields}
    assert {name for name in names if not re.search(rf"\b{name}\b", TEXT)} == set()
    assert {name for name in COMMANDS if f"evolve meta {name}" not in TEXT} == set()


def test_every_page_and_place_it_links_to_is_there() -> None:
    places = {
        re.sub(r"[^a-z0-9 -]", "", line.lower()).replace(" ", "-") for line in re.findall(r"^#+ (.*)$", TEXT, re.M)
    }
    for link in re.findall(r"\]\(([^)]+)\)", TEXT):
        page, _, place = link.partition("#")
        assert not page or (ROOT / "docs" / page).exists(), link
        assert page or place in places, link


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_ten_minutes_go_as_they_are_told(tmp_path: Path) -> None:
    assert len(commands()) >= 6
    with StandInServer(mind("medium")) as server:
        for command in commands():
            here = [server.url if part == SERVER else part for part in command]
            ran = run_evolve(tmp_path, *here, env={"OPENAI_API_KEY": ""})
            assert ran.code == 0, f"{shlex.join(here)}: {ran.err}"
            assert ran.out
