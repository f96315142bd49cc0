"""Whether a Docker server answers; with one, candidates run in containers unless the person says otherwise.

Asked by hand and not through Docker's SDK, which leaves a socket open when nobody answers.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from urllib.parse import urlsplit

from evolve.report.fetch import fetch
from evolve.report.findings import Finding, State
from evolve.report.text import one_line
from evolve.sandbox.daemon import usual_sockets

SECONDS = 2.0
_UNUSED = "without it candidates run in the local sandbox"


async def docker_server(sockets: Sequence[str] | None = None) -> Finding:
    """What answers at DOCKER_HOST, or else at the first of the usual sockets."""
    named = os.environ.get("DOCKER_HOST", "")
    if named:
        return await _asked(named)
    there = usual_sockets() if sockets is None else sockets
    if not there:
        return _silent("no socket at the usual places")
    return await _asked(f"unix://{there[0]}")


async def _asked(address: str) -> Finding:
    try:
        parts = urlsplit(address)
        if parts.scheme == "unix":
            status, body = await fetch("http://docker/version", SECONDS, socket=parts.path)
        elif parts.scheme in ("tcp", "http") and not os.environ.get("DOCKER_TLS_VERIFY"):
            status, body = await fetch(f"http://{parts.netloc}/version", SECONDS)
        else:
            return _silent(f"{address} is not looked at")
        version = str(json.loads(body)["Version"]) if status == 200 else None
    except PermissionError:
        return _silent(f"no permission to use {address}")
    except (OSError, TimeoutError, ValueError, KeyError, TypeError):
        version = None
    if version is None:
        return _silent(f"does not answer at {address}")
    text = f"server {one_line(version, 40)} answers at {one_line(address)}"
    return Finding("docker", State.OK, text, details={"answers": True, "address": address, "version": version})


def _silent(reason: str) -> Finding:
    return Finding("docker", State.NOTE, f"{one_line(reason)}; {_UNUSED}", details={"answers": False})
