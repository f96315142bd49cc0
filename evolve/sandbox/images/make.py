"""Puts root file systems and layers into the daemon as images of ours; none gets a name before its Python has run."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from evolve.errors import SandboxUnavailable
from evolve.sandbox.daemon import LABEL, OWNER
from evolve.sandbox.images import look
from evolve.sandbox.images.look import INSIDE, KEY, KIND, REPOSITORY, STAMPS, Image, Inside

if TYPE_CHECKING:
    import docker

_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_COMMAND = ["python3"]


def imported(client: docker.DockerClient, tar: Iterator[bytes]) -> str:
    """Make a nameless image of a root file system's tar; its id. Raises SandboxUnavailable when the daemon refuses."""
    changes = [f"ENV {_PATH}", f"LABEL {LABEL}=unfinished"]
    said = client.api.import_image_from_data(tar, changes=changes)
    last = [json.loads(line) for line in said.splitlines()][-1]
    if "error" in last:
        raise SandboxUnavailable(f"the Docker daemon did not take the image: {last['error']}")
    return str(last["status"])


def published(
    client: docker.DockerClient, nameless: str, labels: Mapping[str, str], tag: str = "", imports: Sequence[str] = ()
) -> Image:
    """Run the Python of a nameless image once, then name and label it; `tag` is by its content when left out.

    Raises SandboxUnavailable when it does not start or lacks one of `imports`; the image is then taken away.
    """
    from docker.errors import APIError

    try:
        found = look.asked(client, nameless, imports)
        tag = tag or content(client, nameless)
        wanted = {**labels, INSIDE: found.as_label()}
        there = _labels(client, tag)
        made = any(there.get(name) != value for name, value in wanted.items())
        if made:
            _commit(client, nameless, tag, wanted)
    except BaseException:
        with contextlib.suppress(APIError):  # somebody else may have given it a name
            client.api.remove_image(nameless)
        raise
    if not made:  # by another engine meanwhile, or by an earlier build that gave the same
        with contextlib.suppress(APIError):  # refused where it is the very same image
            client.api.remove_image(nameless)
    return Image(f"{REPOSITORY}:{tag}", found.python, made, found.packages)


def layered(client: docker.DockerClient, base: str, tag: str, tar: Iterator[bytes], found: Inside) -> Image:
    """Name an image that has the files of a tar on top of `base`; nothing in it is run for that."""
    _commit(client, base, tag, {KIND: "layer", INSIDE: found.as_label()}, tar)
    return Image(f"{REPOSITORY}:{tag}", found.python, True, found.packages)


def content(client: docker.DockerClient, name: str) -> str:
    """16 hex digits over the files in an image, whenever and by whom it was made."""
    layers = client.api.inspect_image(name)["RootFS"]["Layers"]
    return hashlib.sha256(json.dumps(layers).encode()).hexdigest()[:16]


def _labels(client: docker.DockerClient, tag: str) -> Mapping[str, str]:
    from docker.errors import ImageNotFound

    try:
        found = client.api.inspect_image(f"{REPOSITORY}:{tag}")["Config"]["Labels"]
    except ImageNotFound:
        return {}
    return found or {}


def _commit(
    client: docker.DockerClient, base: str, tag: str, labels: Mapping[str, str], tar: Iterator[bytes] | None = None
) -> None:
    """Name `base` with the files of a tar on top; labels of the base that speak of it alone are emptied."""
    lines = [_label(*item) for item in {KEY: "", STAMPS: "", OWNER: "", **labels, LABEL: "image"}.items()]
    container = client.containers.create(base, _COMMAND, network_mode="none", labels=look.passing())
    try:
        if tar is not None:
            container.put_archive("/", tar)
        container.commit(repository=REPOSITORY, tag=tag, pause=False, changes=lines)
    finally:
        container.remove(force=True)


def _label(name: str, value: str) -> str:
    """A line of a Dockerfile, whose quotes and escapes are JSON's but for the dollar."""
    return f"LABEL {name}={json.dumps(value)}".replace("$", "\\$")
