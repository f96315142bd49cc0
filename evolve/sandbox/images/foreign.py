"""An image that a person or a problem names: fetched if need be, and held by what it contains and not by its name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from evolve.errors import SandboxUnavailable
from evolve.sandbox.base import Say
from evolve.sandbox.images import look
from evolve.sandbox.images.look import REPOSITORY, Image

if TYPE_CHECKING:
    import docker

_OURS = re.compile(rf"{REPOSITORY}:[0-9a-f]{{16}}")


def ensure(client: docker.DockerClient, name: str, say: Say) -> Image:
    """The image of this name, tag, digest or id; `Image.tag` stays the same when the name is given to another image.

    Raises SandboxUnavailable when it is neither here nor to be had, or holds no Python that serves.
    """
    from docker.errors import APIError

    try:
        there = look.has(client, name)
    except APIError as error:  # no name an image can have
        raise _not_to_be_had(name, error.explanation or str(error)) from error
    if not there:
        _pull(client, name, say)
    found = look.inside(client, name)
    return Image(_lasting(client, name), found.python, False, found.packages)


def _lasting(client: docker.DockerClient, name: str) -> str:
    if _OURS.fullmatch(name):
        return name  # named by its content already
    details = client.api.inspect_image(name)
    repository = name.partition("@")[0].rpartition(":")[0] or name
    digests = [digest for digest in details.get("RepoDigests") or () if digest.startswith(f"{repository}@")]
    return str(digests[0] if digests else details["Id"])


def _pull(client: docker.DockerClient, name: str, say: Say) -> None:
    import requests
    from docker.errors import APIError

    say(f"fetching image {name}, once")
    try:
        client.api.inspect_distribution(name)  # bounded in time where a registry does not answer; pull is not
        client.images.pull(name)
    except APIError as error:
        reason = error.explanation or str(error)
    except requests.exceptions.RequestException as error:
        reason = str(error)
    else:
        return
    raise _not_to_be_had(name, reason)


def _not_to_be_had(name: str, reason: str) -> SandboxUnavailable:
    return SandboxUnavailable(
        f"image {name!r} is not in the Docker daemon and cannot be fetched ({reason.strip()}); build or load it under "
        f"this name, correct sandbox.image, or leave it out to use the usual image"
    )
