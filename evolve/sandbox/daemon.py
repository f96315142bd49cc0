"""Finding the Docker daemon."""

from __future__ import annotations

import os
import socket
from functools import partial
from typing import Any

from evolve.errors import NoDaemon, SandboxUnavailable

LABEL, OWNER = "evolve.sandbox", "evolve.owner"
"""On every container of ours: that it is one, and whose, so that the next engine can remove what a killed one left."""
PATIENCE = 60.0
"""Seconds the daemon may take for one request."""
FIRST_PATIENCE = 10.0
"""Seconds it may take for its first word: what hangs then is not used."""


def usual_sockets() -> list[str]:
    """Where Docker listens when nobody says: system-wide, rootless, and Docker Desktop."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    own = [f"{runtime}/docker.sock"] if runtime else []
    places = ["/var/run/docker.sock", *own, os.path.expanduser("~/.docker/run/docker.sock")]
    return [place for place in places if os.path.exists(place)]


def is_named() -> bool:
    """Whether there is any address at which a daemon could answer."""
    return bool(os.environ.get("DOCKER_HOST") or usual_sockets())


def connect() -> Any:
    """A client of the daemon at DOCKER_HOST, or else of the first that answers at a usual socket.

    Raises NoDaemon.
    """
    named = os.environ.get("DOCKER_HOST", "")
    refusals = []
    for address in [named] if named else [f"unix://{path}" for path in usual_sockets()]:
        try:
            return _connected(address, named=bool(named))
        except SandboxUnavailable as error:
            refusals.append(f"{address} ({error})")
    raise NoDaemon(
        f"no Docker daemon answers at {' or at '.join(refusals) or 'any usual socket'}; start one, set DOCKER_HOST, or"
        " use --sandbox local"
    )


def _connected(address: str, *, named: bool) -> Any:
    import docker
    import docker.errors

    client = None
    try:
        _knock(address)
        make = docker.from_env if named else partial(docker.DockerClient, address)
        client = make(timeout=FIRST_PATIENCE)
        client.ping()
        client.api.timeout = PATIENCE
    except (docker.errors.DockerException, OSError, ValueError) as error:
        if client is not None:
            client.close()
        raise SandboxUnavailable(reason(error)) from error
    return client


def _knock(address: str) -> None:
    """Raise OSError where nobody listens at a Unix socket: the SDK would leave one of its own open over that."""
    if address.startswith("unix://"):
        with socket.socket(socket.AF_UNIX) as trial:
            trial.settimeout(FIRST_PATIENCE)
            trial.connect(address.removeprefix("unix://"))


def reason(error: BaseException) -> str:
    """An error of the SDK or of the connection in one line: the system's own word at its root says most."""
    root = error
    while root.__context__ is not None:
        root = root.__context__
    error = root if isinstance(root, OSError) else error
    return str(error).splitlines()[0][:300] if str(error) else type(error).__name__
