"""Prompt templates: files of `prompts/`, filled in so that a wrong name never goes unnoticed.

Programs, feedback and all else that others wrote are values: nothing in them is ever read as a template.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from evolve.errors import TemplateFault

if TYPE_CHECKING:
    from jinja2 import Environment, Template

FOLDER = Path(__file__).parent / "prompts"
"""Where the templates are: `name` is a path below it without `.md`."""


def names() -> tuple[str, ...]:
    """All templates there are, sorted."""
    return tuple(sorted(path.relative_to(FOLDER).with_suffix("").as_posix() for path in FOLDER.rglob("*.md")))


def render(name: str, /, **values: object) -> str:
    """The text of a template with its values filled in, without blank lines at its ends.

    Raises TemplateFault when there is no such template, when it is malformed, when it names a value that is not
    given or that has no such attribute, and when a value is given that it never uses.
    """
    from jinja2 import TemplateError as JinjaFault

    template, used = _template(name)
    unused = sorted(values.keys() - used)
    if unused:
        raise TemplateFault(f"template {name}.md never uses {', '.join(unused)}; it uses {', '.join(sorted(used))}")
    try:
        return template.render(values).strip("\n")
    except JinjaFault as error:
        given = ", ".join(sorted(values)) or "nothing"
        raise TemplateFault(f"template {name}.md: {error}; it is given {given}") from None


def fenced(text: str, info: str = "") -> str:
    """`text` as a code block whose fence is longer than any run of backticks in it."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    newline = "" if text.endswith("\n") or not text else "\n"
    return f"{fence}{info}\n{text}{newline}{fence}"


@lru_cache(maxsize=256)
def _template(name: str) -> tuple[Template, frozenset[str]]:
    """A compiled template and the names it uses."""
    from jinja2 import TemplateError as JinjaFault
    from jinja2 import meta

    try:
        source = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    except FileNotFoundError:
        known = ", ".join(names())
        raise TemplateFault(f"there is no prompt template {name}.md; there are {known}") from None
    try:
        used = frozenset(meta.find_undeclared_variables(_environment().parse(source)))
        return _environment().from_string(source), used
    except JinjaFault as error:
        raise TemplateFault(f"template {name}.md is malformed: {error}") from None


@cache
def _environment() -> Environment:
    from jinja2 import Environment, StrictUndefined

    return Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)
