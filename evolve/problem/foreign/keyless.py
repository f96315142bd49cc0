"""Keeps a foreign configuration's keys out of what travels: they lie beside every unsealed program."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_CONFIG = re.compile(r"(.*/)?(config|shinka)[^/]*\.ya?ml")
_SECRET = frozenset({
    "key", "keys", "apikey", "apikeys", "token", "secret", "secrets", "password", "passwd", "credential",
    "credentials", "auth", "authorization",
})  # fmt: skip
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
BLANK = ""
"""What stands in place of a value that may be a secret."""


def keyless(files: Mapping[str, str]) -> dict[str, str]:
    """The files without configurations that no Python file among them names; others with what may be secret blanked."""
    code = "\n".join(text for path, text in files.items() if path.endswith(".py"))
    kept: dict[str, str] = {}
    for path, text in files.items():
        if not _CONFIG.fullmatch(path):
            kept[path] = text
        elif path.rpartition("/")[2] in code and (blanked := _blanked(text)) is not None:
            kept[path] = blanked
    return kept


def _blanked(text: str) -> str | None:
    """The YAML text with secrets blanked, comments and all else that is no data left out; None where it is no YAML."""
    import yaml

    try:
        data = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    found: str = yaml.safe_dump(_without(data), sort_keys=False, allow_unicode=True)
    return found


def _without(data: Any) -> Any:
    if isinstance(data, dict):
        return {name: _blank(value) if _is_secret(name) else _without(value) for name, value in data.items()}
    return [_without(each) for each in data] if isinstance(data, list) else data


def _blank(value: Any) -> Any:
    """Numbers and truth values are settings, everything else may be a secret."""
    if value is None or isinstance(value, bool | int | float):
        return value
    return BLANK


def _is_secret(name: object) -> bool:
    """`api_key`, `apiKey`, `OPENAI_API_KEY`; not `max_tokens` or `monkey`."""
    return any(word.lower() in _SECRET for word in _WORD.findall(str(name)))
