"""What `evolve doctor` finds out, one thing at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """`fault` keeps a run from starting; `note` does not, but is worth knowing."""

    OK = "ok"
    NOTE = "note"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: what was found, and what to do about it where something can be done.

    `details` are the same facts as plain data, for programs.
    """

    topic: str
    state: State
    text: str
    way_out: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
