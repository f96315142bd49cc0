"""Which walls a slot gets: the strongest that can be put up here, and weaker ones only as far as the host allows."""

from __future__ import annotations

import sys
from typing import Any

from evolve_guest import jail, roles
from evolve_guest.spawn import Refused, Zygote

_STRONGEST_FIRST = (jail.NAMESPACES, jail.LANDLOCK, jail.PROCESS)


def best_zygote(config: dict[str, Any]) -> Zygote:
    """The candidates' zygote behind the strongest walls that stand. Raises Refused with the reasons of all, Failed."""
    reasons = []
    for level in (jail.CONTAINER,) if config["users"] else _levels(config["strongest"]):
        if level == jail.PROCESS and not config["allow_unsandboxed"]:
            break
        if level == jail.LANDLOCK and sys.platform != "linux":
            continue
        try:
            walls = roles.candidate_walls(config, level)
            return Zygote(walls, lambda channel, walls: roles.candidate_zygote(channel, walls, config))
        except Refused as error:
            reasons.append(f"{level}: {error}")
    raise Refused("; ".join(reasons) or "this system has neither namespaces nor Landlock")


def _levels(strongest: str) -> tuple[str, ...]:
    return _STRONGEST_FIRST[_STRONGEST_FIRST.index(strongest) :]
