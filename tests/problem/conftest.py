"""A small complete problem folder that tests bend out of shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

FILES = {
    "problem.toml": """
name = "tiny"
summary = "one line"

[objective]
metric = "score"
direction = "maximize"
""",
    "problem.md": "Make the score larger.\n",
    "evaluate.py": "def evaluate(program, case):\n    return {'score': program.f()}\n",
    "seed/main.py": "def f():\n    return 1\n",
}

MakeFolder = Callable[[Mapping[str, str | bytes | None]], Path]


@pytest.fixture
def make_folder(tmp_path: Path) -> MakeFolder:
    """Writes the folder with some files changed; None leaves a file out."""

    def make(changes: Mapping[str, str | bytes | None]) -> Path:
        root = tmp_path / "tiny"
        for name, content in {**FILES, **changes}.items():
            if content is None:
                continue
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return root

    return make
