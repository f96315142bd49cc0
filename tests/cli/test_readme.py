from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.cli.conftest import COMMAND, environment, run_evolve
from tests.standin.mind import mind
from tests.standin.server import StandInServer

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SERVER = "http://127.0.0.1:8000/v1"
"""The address its commands name; the stand-in listens at another."""
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def commands() -> list[list[str]]:
    """Every `evolve` command of the README's shell blocks, in order."""
    blocks = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("evolve ")]


def files() -> dict[str, str]:
    """The files it tells a reader to write."""
    return dict(re.findall(r"^`([\w./]+)`:\n\n```\w+\n(.*?)```", README, re.DOTALL | re.MULTILINE))


def test_the_readme_is_short_and_begins_with_the_two_commands() -> None:
    assert len(README.splitlines()) < 220
    first = re.search(r"```sh\n(.*?)```", README, re.DOTALL)
    assert first is not None
    assert [line.split("#")[0].strip() for line in first[1].splitlines()] == ["make run", "make test"]


def test_every_make_target_it_names_is_there() -> None:
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", README, re.MULTILINE))
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    assert named
    assert named <= targets


def test_every_page_it_links_to_is_there() -> None:
    links = set(re.findall(r"\]\(([^)#]+)\)", README))
    assert links
    missing = [link for link in links if "://" not in link and not (ROOT / link).exists()]
    assert not missing


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_command_of_the_readme_works_in_the_order_given(tmp_path: Path) -> None:
    for path, text in files().items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    assert len(files()) == 4
    assert len(commands()) >= 12
    with StandInServer(mind("medium")) as server:
        for command in commands():
            if command[0] == "ui":
                assert served_and_ended(tmp_path, command).startswith("<!doctype html>")
                continue
            here = [server.url if part == SERVER else part for part in command]
            ran = run_evolve(tmp_path, *here, env={"OPENAI_API_KEY": ""})
            assert ran.code == 0, f"{shlex.join(here)}: {ran.err}"
            assert ran.out
    assert (tmp_path / "winner" / "program.py").is_file()


def served_and_ended(folder: Path, command: list[str]) -> str:
    """What a server answers at the address it prints, before Ctrl-C ends it."""
    with subprocess.Popen(
        [*COMMAND, *command], cwd=folder, env=environment(), stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        with urllib.request.urlopen(server.stdout.readline().strip(), timeout=30) as answer:
            text: str = answer.read().decode()
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=30) == 0
    return text


def test_the_command_is_installed_beside_the_interpreter() -> None:
    assert os.access(Path(sys.executable).with_name("evolve"), os.X_OK)
