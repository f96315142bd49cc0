"""Images made by `make sandbox-image`: of sandbox/Dockerfile, or of Debian's packages where there is no registry."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from evolve.errors import SandboxUnavailable
from evolve.sandbox import paths
from evolve.sandbox.base import Say
from evolve.sandbox.images import debian, look, make
from evolve.sandbox.images.look import KEY, KIND, Image
from evolve.sandbox.images.tar import stream

if TYPE_CHECKING:
    import docker

DOCKERFILE, DEBIAN = "dockerfile", "debian"
_IMPORTS = ("numpy", "scipy")


def present(client: docker.DockerClient, kinds: Sequence[str]) -> Image | None:
    """The newest image there is of the first of these kinds that has one; of a recipe of before it does not count."""
    images = list(look.ours(client))
    for kind in kinds:
        for image in images:
            if image.labels.get(KIND) == kind and image.labels.get(KEY) == _key(kind):
                return look.described(client, image.tag)
    return None


def from_dockerfile(client: docker.DockerClient, say: Say) -> Image:
    """Build sandbox/Dockerfile. Raises SandboxUnavailable where no registry answers or a step fails."""
    import requests
    from docker.errors import APIError, BuildError

    recipe = _dockerfile()
    base = next(line.split()[1] for line in recipe.splitlines() if line.startswith("FROM "))
    try:
        if not look.has(client, base):
            client.api.inspect_distribution(base)  # bounded in time where a registry does not answer; build is not
        say(f"building sandbox/Dockerfile on {base}")
        built, _ = client.images.build(fileobj=io.BytesIO(recipe.encode()), rm=True, forcerm=True)
    except BuildError as error:
        printed = "".join(line.get("stream", "") for line in error.build_log).split("\n")
        last = next((line.strip() for line in reversed(printed) if line.strip()), "nothing was printed")
        raise SandboxUnavailable(f"sandbox/Dockerfile does not build: {error.msg} ({last})") from error
    except (APIError, requests.exceptions.RequestException) as error:
        reason = getattr(error, "explanation", None) or error
        raise SandboxUnavailable(
            f"sandbox/Dockerfile needs the image {base}, which is not to be had: {reason}"
        ) from error
    return make.published(client, built.id, {KIND: DOCKERFILE, KEY: _key(DOCKERFILE)}, imports=_IMPORTS)


def from_debian(client: docker.DockerClient, say: Say) -> Image:
    """Make an image of packages from this machine's mirror. Raises SandboxUnavailable when that does not work."""
    with debian.system(say) as entries:
        nameless = make.imported(client, stream(entries))
    return make.published(client, nameless, {KIND: DEBIAN, KEY: _key(DEBIAN)}, imports=_IMPORTS)


def _key(kind: str) -> str:
    recipe = _dockerfile() if kind == DOCKERFILE else debian.recipe()
    return hashlib.sha256(recipe.encode()).hexdigest()


def _dockerfile() -> str:
    return (paths.guest().parent / "Dockerfile").read_text(encoding="utf-8")
