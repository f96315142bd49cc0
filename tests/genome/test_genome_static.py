"""What is seen of a scaffold before anything of it runs."""

from __future__ import annotations

import pytest

from evolve.genome.folder import zero
from evolve.genome.genome import Genome
from evolve.genome.static import faults

MANIFEST = 'name = "small"\napi = 1\nentry = "main:create"\nmeta = "meta.improver:create"\n'
SMALL = {
    "scaffold.toml": MANIFEST,
    "main.py": "import random\n\nfrom evolve.scaffold.base import Draft\n\n\ndef create(task):\n    return 1\n",
    "meta/improver.py": "from ..main import create\n",
    "prompts/task.md": "{% if x %}{{ x }}{% endif %}\n",
}


def told(**changed: str | None) -> list[str]:
    """The faults of the small scaffold with some files changed; `__` is a slash and the last `_` a dot."""
    files: dict[str, str | None] = dict(SMALL)
    for name, text in changed.items():
        stem, _, suffix = name.replace("__", "/").rpartition("_")
        files[f"{stem}.{suffix}"] = text
    return faults(Genome.of({path: text for path, text in files.items() if text is not None}))


def test_nothing_is_wrong_with_scaffold_zero_or_a_small_one() -> None:
    assert faults(zero()) == []
    assert told() == []


@pytest.mark.parametrize(
    "line",
    [
        "import os", "import subprocess", "import socket, json", "import ctypes", "import threading", "import sys",
        "from os import path", "import time", "import evolve.config", "from evolve import session", "import litellm",
        "from ... import sandbox", "import pickle", "def f():\n    import multiprocessing",
    ],
)  # fmt: skip
def test_what_reaches_beyond_the_scaffold_is_not_imported(line: str) -> None:
    (fault,) = told(other_py=f"{line}\n")
    assert fault.startswith("other.py, line ")
    assert "a scaffold may import evolve.scaffold, evolve.domain, evolve.errors, jinja2, numpy, ribs" in fault


@pytest.mark.parametrize(
    "line",
    [
        "import math, re, json", "import numpy as np", "from evolve import domain",
        "from evolve.errors import EditError",
        "from evolve.scaffold import base, main", "from evolve.scaffold.meta import improver", "from . import main",
        "from collections.abc import Mapping", "from jinja2 import Environment", "text = '\\d'",
    ],
)  # fmt: skip
def test_what_is_harmless_is(line: str) -> None:
    assert told(other_py=f"{line}\n") == []


@pytest.mark.parametrize("call", ["open('x')", "exec('1')", "eval('1')", "__import__('os')", "input()"])
def test_calls_a_scaffold_has_no_use_for(call: str) -> None:
    name = call.partition("(")[0]
    assert told(other_py=f"x = 1\ny = {call}\n") == [
        f"other.py, line 2: calls {name}(), for which a scaffold has no use"
    ]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"main_py": "def create(:\n"}, "main.py, line 1: invalid syntax"),
        ({"other_py": "return 1\n"}, "other.py, line 1: 'return' outside function"),
        ({"other_py": "(" * 5_000 + "\n"}, "other.py, line 1: too many nested parentheses"),
        ({"other_py": "from evolve.scaffold.nowhere import x\n"},
         "other.py, line 1: imports evolve.scaffold.nowhere, but the scaffold has no such file"),
        ({"meta__improver_py": "from .nowhere import create\n"},
         "meta/improver.py, line 1: imports evolve.scaffold.meta.nowhere, but the scaffold has no such file"),
        ({"prompts__task_md": f"{{{{ {'9' * 5_000} }}}}\n"}, "prompts/task.md is no template: Exceeds the limit"),
        ({"scaffold_toml": f"{MANIFEST}x = {'[' * 1_500}{']' * 1_500}\n"}, "scaffold.toml is no valid TOML: maximum"),
        ({"scaffold_toml": f"a{'.a' * 5_000} = 1\n{MANIFEST}"}, "scaffold.toml has 10,0"),
        ({"prompts__task_md": "{% if x %}\n"}, "prompts/task.md, line 1: no template: "),
        ({"main_py": "def make():\n    return 1\n", "meta__improver_py": "def create():\n    return 1\n"},
         "scaffold.toml: entry = 'main:create', but main.py has no function create"),
        ({"meta__improver_py": None},
         "scaffold.toml: meta = 'meta.improver:create', but there is no file meta/improver"),
        ({"scaffold_toml": MANIFEST.replace("api = 1", "api = 7")}, "scaffold.toml: api = 7"),
        ({"scaffold_toml": MANIFEST + "calls = 10\n"}, "scaffold.toml: calls is no key of it"),
        ({"scaffold_toml": None}, "the scaffold has no scaffold.toml"),
        ({"base_py": "x = 1\n"}, "base.py is the host's and can be no part of a scaffold"),
        ({"run_sh": "ls\n"}, "run.sh is none of .py, .md"),
    ],
)  # fmt: skip
def test_each_fault_is_told_in_a_sentence(changed: dict[str, str | None], said: str) -> None:
    (fault,) = told(**changed)
    assert fault.startswith(said)


def test_all_faults_are_told_at_once() -> None:
    assert len(told(other_py="import os\nopen('x')\n", main_py="x = (\n", prompts__task_md="{{\n")) == 4


def test_a_child_differs_from_its_parent() -> None:
    (fault,) = faults(zero(), zero())
    assert fault == "the scaffold is the same as its parent; an edit must change something"
    assert faults(Genome.of({**zero().files, "notes.md": "A note.\n"}), zero()) == []


def test_an_edit_of_more_than_is_read_in_seconds_is_refused() -> None:
    files = {f"m{n}.md": "{{x}}" * 10_000 for n in range(3)}
    found = faults(Genome.of({**zero().files, **files}), zero())
    assert found == ["the edit changes files of 150,000 bytes; at most 131,072 may change at once"]


def test_a_file_of_too_many_braces_is_not_parsed() -> None:
    (fault,) = told(other_py=f'x = f"{"{1}" * 10_000}"\n')
    assert fault == "other.py has 10,000 braces in 30,008 characters, too many to read; split it"
