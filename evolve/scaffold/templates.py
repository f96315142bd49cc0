"""Prompt templates: files of `prompts/`, filled in so that a wrong name never goes unnoticed.

Programs, feedback and all else that others wrote are values: nothing in them is ever read as a template.
"""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from evolve.errors import TemplateFault

if TYPE_CHECKING:
    from jinja2 import Environment, Template


class Templates:
    """The templates of a folder: `name` is a path below it without `.md`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, tuple[Template, frozenset[str]]] = {}

    def names(self) -> tuple[str, ...]:
        """All templates there are, sorted."""
        found = self._folder.rglob("*.md")
        return tuple(sorted(path.relative_to(self._folder).with_suffix("").as_posix() for path in found))

    def render(self, template: str, /, **values: object) -> str:
        """The text of a template with its values filled in, without blank lines at its ends.

        Raises TemplateFault when there is no such template, when it is malformed, when it names a value that is not
        given or that has no such attribute, and when a value is given that it never uses.
        """
        from jinja2 import TemplateError as JinjaFault

        compiled, used = self._compiled(template)
        unused = sorted(values.keys() - used)
        if unused:
            known = ", ".join(sorted(used)) or "nothing"
            raise TemplateFault(f"template {template}.md never uses {', '.join(unused)}; it uses {known}")
        try:
            return compiled.render(values).strip("\n")
        except JinjaFault as error:
            given = ", ".join(sorted(values)) or "nothing"
            raise TemplateFault(f"template {template}.md: {error}; it is given {given}") from None

    def _compiled(self, name: str) -> tuple[Template, frozenset[str]]:
        """A compiled template and the names it uses."""
        if name not in self._read:
            self._read[name] = self._compile(name)
        return self._read[name]

    def _compile(self, name: str) -> tuple[Template, frozenset[str]]:
        from jinja2 import TemplateError as JinjaFault
        from jinja2 import meta

        try:
            source = (self._folder / f"{name}.md").read_text(encoding="utf-8")
        except FileNotFoundError:
            known = ", ".join(self.names())
            raise TemplateFault(f"there is no prompt template {name}.md; there are {known}") from None
        try:
            used = frozenset(meta.find_undeclared_variables(self._environment.parse(source)))
            return self._environment.from_string(source), used
        except JinjaFault as error:
            raise TemplateFault(f"template {name}.md is malformed: {error}") from None

    @cached_property
    def _environment(self) -> Environment:
        from jinja2 import Environment, StrictUndefined

        return Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)


SHIPPED = Templates(Path(__file__).parent / "prompts")
"""The templates of this scaffold."""

render = SHIPPED.render


def fenced(text: str, info: str = "") -> str:
    """`text` as a code block whose fence is longer than any run of backticks in it."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    newline = "" if text.endswith("\n") or not text else "\n"
    return f"{fence}{info}\n{text}{newline}{fence}"
