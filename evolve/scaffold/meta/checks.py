"""Whether changed files are what their names say, so that a slip is mended before it costs a scaffold."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Mapping

from evolve.domain import Status
from evolve.errors import EditError

HOSTS = ("__init__.py", "base.py", "plain.py", "wire.py", "serve.py")
"""Files of the package that are the host's and no part of a scaffold (`evolve.genome.genome.CONTRACT`)."""

SUFFIXES = (".py", ".md", ".toml", ".txt", ".json")
"""Endings a file may have."""

MANIFEST = "scaffold.toml"


def fault_of(files: Mapping[str, str], changed: Mapping[str, str | None]) -> EditError | None:
    """What is wrong with the first changed file that cannot be used, as a sentence; None when all can."""
    for path, text in sorted(changed.items(), key=lambda item: item[0]):
        if path in HOSTS:
            return EditError(Status.OUTSIDE_REGION, f"{path} is the host's; a scaffold cannot change it")
        if text is None and path == MANIFEST:
            return EditError(Status.OUTSIDE_REGION, f"a scaffold cannot do without {MANIFEST}")
        if path not in files and not path.endswith(SUFFIXES):
            return EditError(Status.OUTSIDE_REGION, f"{path}: a file ends in one of {', '.join(SUFFIXES)}")
        if text is not None and (said := _malformed(path, text)):
            return EditError(Status.SYNTAX, f"{path} {said}")
    return None


def _malformed(path: str, text: str) -> str:
    """Why a text is no Python, template or TOML; "" when it is, or when its name asks for nothing."""
    from jinja2 import Environment, TemplateSyntaxError

    try:
        if path.endswith(".py"):
            ast.parse(text)
        elif path.endswith(".toml"):
            tomllib.loads(text)
        elif path.endswith(".md"):
            Environment(trim_blocks=True, lstrip_blocks=True).parse(text)
    except SyntaxError as error:
        return f"is no Python after this edit: line {error.lineno}: {error.msg}"
    except (ValueError, OverflowError, RecursionError, MemoryError) as error:
        return f"cannot be read after this edit: {str(error) or type(error).__name__}"
    except TemplateSyntaxError as error:
        return f"is no template after this edit: line {error.lineno}: {error}"
    return ""
