"""The usual image: an export of this machine's own Python, made once per content."""

from __future__ import annotations

import platform
import shutil
import sys
from typing import TYPE_CHECKING

from evolve.errors import SandboxUnavailable
from evolve.sandbox.base import Say
from evolve.sandbox.images import host, look, make
from evolve.sandbox.images.look import KEY, KIND, REPOSITORY, STAMPS, Image
from evolve.sandbox.images.tar import stream

if TYPE_CHECKING:
    import docker

HOST = "host"
_MACHINES = {"amd64": "x86_64", "arm64": "aarch64", "386": "i686"}
"""Docker's names of architectures that Python calls otherwise."""
_WAY_OUT = "make one with `make sandbox-image` (it builds sandbox/Dockerfile), or name yours as sandbox.image"


def ensure(client: docker.DockerClient, say: Say) -> Image:
    """The image of this machine's Python, made first where it is not there. Raises SandboxUnavailable."""
    key = host.key()
    for image in look.ours(client):
        if image.labels.get(KEY) == key and host.unchanged(image.labels.get(STAMPS, "")):
            return look.described(client, image.tag)
    refusal = _why_not(client)
    if refusal:
        raise SandboxUnavailable(
            f"there is no sandbox image and none can be made of this Python: {refusal}; {_WAY_OUT}"
        )
    import requests.exceptions

    try:
        return _made(client, key, say)
    except requests.exceptions.RequestException:
        raise  # an OSError too, and the daemon's
    except OSError as error:
        raise SandboxUnavailable(f"this Python cannot be exported as an image: {error}; {_WAY_OUT}") from error


def _made(client: docker.DockerClient, key: str, say: Say) -> Image:
    export = host.export()
    if look.has(client, f"{REPOSITORY}:{export.tag}"):
        return look.described(client, f"{REPOSITORY}:{export.tag}")
    with_packages = ", ".join(("standard library", *host.packages()))
    say(f"making sandbox image {REPOSITORY}:{export.tag} of Python {platform.python_version()} ({with_packages}), once")
    nameless = make.imported(client, stream(export.entries()))
    labels = {KIND: HOST, KEY: key, STAMPS: export.stamps}
    return make.published(client, nameless, labels, export.tag, host.imports())


def _why_not(client: docker.DockerClient) -> str:
    """Why this machine's Python cannot run in the daemon's containers; empty when it can."""
    if sys.platform != "linux":
        return f"this machine runs {platform.system()}, containers run Linux"
    if shutil.which("ldd") is None:
        return "ldd, which names the libraries it needs, is not installed"
    server = client.version()
    machine = _MACHINES.get(server["Arch"], server["Arch"])
    if server["Os"] != "linux" or machine != platform.machine():
        return f"the Docker daemon runs {server['Os']} on {machine}, this machine is {platform.machine()}"
    return ""
