"""The skill for coding agents: its form, and every command in it on a small problem."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tests.cli.conftest import Evolve
from tests.conftest import SEED, write_tiny

SKILL = Path(__file__).parents[2] / "skills" / "evolve" / "SKILL.md"
TEXT = SKILL.read_text(encoding="utf-8")
GUIDE = Path(__file__).parents[2] / "docs" / "agents.md"


def commands(text: str) -> list[list[str]]:
    """Every `evolve` command of the shell blocks, in order."""
    lines = [line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("evolve ")]


def test_the_skill_is_short_and_has_a_name_and_a_description() -> None:
    front = re.match(r"---\nname: ([a-z0-9-]{1,64})\ndescription: (.{40,1024})\n---\n", TEXT)
    assert front is not None
    assert front[1] == SKILL.parent.name
    assert len(TEXT.splitlines()) < 80


def follow(evolve: Evolve, home: Path, given: list[list[str]]) -> list[str]:
    """Run commands in order, as an agent would: the number is the one that was handed out last."""
    number, said = "", []
    for command in given:
        arguments = [part.replace("PROBLEM", "tiny").replace("NUMBER", number) for part in command]
        done = evolve(home, *arguments)
        assert done.code == 0, f"{shlex.join(arguments)}: {done.err}"
        assert done.out
        said.append(done.out)
        if found := re.search(r"tell \d+ (\d+)", done.out):
            number = found[1]
            (home / "work" / "curve.py").write_text(SEED.replace("a = 1.0", f"a = {number}.5"), encoding="utf-8")
    return said


def test_every_command_of_the_skill_works_in_the_order_given(evolve: Evolve, tmp_path: Path) -> None:
    write_tiny(tmp_path / "tiny")
    given = commands(TEXT)
    assert [command[0] for command in given] == ["ask", "tell", "show", "best", "lineage", "show", "ask"]
    said = follow(evolve, tmp_path, given)
    assert "verdict" in said[1]
    assert "a = 1.5" in said[3]


def test_every_command_of_the_guide_works_in_the_order_given(evolve: Evolve, tmp_path: Path) -> None:
    write_tiny(tmp_path / "tiny")
    given = commands(GUIDE.read_text(encoding="utf-8"))
    assert {command[0] for command in given} == {"ask", "tell", "run"}
    follow(evolve, tmp_path, given)
