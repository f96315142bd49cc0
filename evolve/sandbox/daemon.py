"""Finding the Docker daemon."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from evolve.errors import SandboxUnavailable

PATIENCE = 60.0
"""Seconds the daemon may take for one request."""


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
    client = None
    try:
        if os.environ.get("DOCKER_HOST") or not sockets:
            client = docker.from_env(timeout=PATIENCE)
        else:
            client = docker.DockerClient(f"unix://{sockets[0]}", timeout=PATIENCE)
        client.ping()
    except (docker.errors.DockerException, OSError) as error:
        if client is not None:
            client.close()
        raise SandboxUnavailable(
            f"no Docker daemon answers ({reason(error)}); start one, set DOCKER_HOST, or use --sandbox local"
        ) from error
    return client


def reason(error: BaseException) -> str:
    """An error of the SDK or of the connection in one line: its deepest cause says most."""
    while error.__context__ is not None:
        error = error.__context__
    return str(error).splitlines()[0][:300] if str(error) else type(error).__name__
