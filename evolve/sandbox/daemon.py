"""Finding the Docker daemon."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

from evolve.errors import SandboxUnavailable

PATIENCE = 60.0
"""Seconds the daemon may take for one request."""
FIRST_PATIENCE = 10.0
"""Seconds it may take for its first word: what hangs then is not used."""


def usual_sockets() -> list[str]:
    """Where Docker listens when nobody says: system-wide, rootless, and Docker Desktop."""
    places = [Path("/var/run/docker.sock"), Path.home() / ".docker/run/docker.sock"]
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime:
        places.insert(1, Path(runtime) / "docker.sock")
    return [str(place) for place in places if place.exists()]


def is_named() -> bool:
    """Whether there is any address at which a daemon could answer."""
    return bool(os.environ.get("DOCKER_HOST") or usual_sockets())


def connect() -> Any:
    """A client of the daemon at DOCKER_HOST, or else at the first of the usual sockets. Raises SandboxUnavailable."""
    import docker
    import docker.errors

    sockets = usual_sockets()
    named = os.environ.get("DOCKER_HOST", "")
    address = named or (f"unix://{sockets[0]}" if sockets else "")
    client = None
    try:
        _knock(address)
        if named or not sockets:
            client = docker.from_env(timeout=FIRST_PATIENCE)
        else:
            client = docker.DockerClient(address, timeout=FIRST_PATIENCE)
        client.ping()
        client.api.timeout = PATIENCE
    except (docker.errors.DockerException, OSError) as error:
        if client is not None:
            client.close()
        where = f" at {address}" if address else ""
        raise SandboxUnavailable(
            f"no Docker daemon answers{where} ({reason(error)}); start one, set DOCKER_HOST, or use --sandbox local"
        ) from error
    return client


def _knock(address: str) -> None:
    """Raise OSError where nobody listens at a Unix socket: the SDK would leave one of its own open over that."""
    if address.startswith("unix://"):
        with socket.socket(socket.AF_UNIX) as trial:
            trial.settimeout(FIRST_PATIENCE)
            trial.connect(address.removeprefix("unix://"))


def reason(error: BaseException) -> str:
    """An error of the SDK or of the connection in one line: its deepest cause says most."""
    while error.__context__ is not None:
        error = error.__context__
    return str(error).splitlines()[0][:300] if str(error) else type(error).__name__
