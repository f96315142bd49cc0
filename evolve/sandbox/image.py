"""Which image candidates run in: the one a problem names, one that is there, or one made of this machine's Python."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from evolve.errors import SandboxUnavailable
from evolve.sandbox.base import Say, SealedProblem, silent
from evolve.sandbox.images import exported, foreign, layer, look, recipes
from evolve.sandbox.images.look import Image

if TYPE_CHECKING:
    import docker

__all__ = ["Image", "ensure_image", "explained"]

_ONE_AT_A_TIME = threading.Lock()
"""Two sandboxes that start together would make the same image twice."""


def ensure_image(client: docker.DockerClient, sealed: SealedProblem, image: str = "", say: Say = silent) -> Image:
    """The image for a problem's candidates, made first where that is needed and possible.

    `image` is one the person named; the problem's own goes before it. `say` is told of what takes seconds. Where no
    image is named: one built from sandbox/Dockerfile if it is there, else an export of this machine's Python; a problem
    with commands of its own needs one with a shell and a compiler. Raises SandboxUnavailable with the way out.
    """
    with _ONE_AT_A_TIME, explained():
        if sealed.kept_image and look.has(client, sealed.kept_image):
            return look.described(client, sealed.kept_image)
        base = _base(client, sealed, sealed.image or image, say)
        return layer.ensure(client, base, sealed.requirements, say) if sealed.requirements.strip() else base


def _base(client: docker.DockerClient, sealed: SealedProblem, named: str, say: Say) -> Image:
    if named:
        return foreign.ensure(client, named, say)
    kinds = (recipes.DEBIAN, recipes.DOCKERFILE) if sealed.build or sealed.command else (recipes.DOCKERFILE,)
    there = recipes.present(client, kinds)
    if there is not None:
        return there
    if sealed.build or sealed.command:
        raise SandboxUnavailable(
            f"problem {sealed.name!r} has a build or command of its own, which needs an image with a shell and a "
            f"compiler: make one with `make sandbox-image KIND=debian`, or name yours as sandbox.image in problem.toml"
        )
    return exported.ensure(client, say)


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Whatever the daemon or the connection to it may raise becomes a SandboxUnavailable of one sentence."""
    import requests
    import urllib3
    from docker.errors import APIError, DockerException

    try:
        yield
    except APIError as error:
        raise SandboxUnavailable(f"the Docker daemon refused: {error.explanation or error}") from error
    except (DockerException, requests.exceptions.RequestException, urllib3.exceptions.HTTPError) as error:
        raise SandboxUnavailable(f"the Docker daemon does not answer: {error}; see `docker info`") from error
