"""Makes a sandbox image ahead of time: `python -m evolve.sandbox.images [--kind ...]`, or `make sandbox-image`."""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

from evolve.errors import SandboxUnavailable
from evolve.sandbox.image import explained
from evolve.sandbox.images import exported, recipes
from evolve.sandbox.images.look import Image

if TYPE_CHECKING:
    import docker

_AUTO = "auto"
_KINDS = (_AUTO, recipes.DOCKERFILE, exported.HOST, recipes.DEBIAN)
_SECONDS = 30
"""For a daemon or, through it, a registry to answer; not for what they then do."""


def main(arguments: list[str] | None = None) -> int:
    """Make an image and say which; 0 when there is one."""
    parser = argparse.ArgumentParser(prog="python -m evolve.sandbox.images", description="Make a sandbox image.")
    parser.add_argument(
        "--kind", choices=_KINDS, default=_AUTO,
        help="auto: sandbox/Dockerfile, and where no registry answers an export of this machine's Python; "
        "debian: Debian's packages through debootstrap, with a shell and compilers",
    )  # fmt: skip
    kind = parser.parse_args(arguments).kind
    started = time.monotonic()
    try:
        with explained():
            import docker

            client = docker.from_env(timeout=_SECONDS)
            try:
                image = _make(client, kind)
                size = client.api.inspect_image(image.tag)["Size"]
            finally:
                client.close()
    except SandboxUnavailable as error:
        sys.stderr.write(f"{error}\n")
        return 2
    done = "made" if image.made else "already there"
    _say(f"{image.tag}: {size / 1e6:.0f} MB, {done} in {time.monotonic() - started:.1f} s, Python at {image.python}")
    return 0


def _make(client: docker.DockerClient, kind: str) -> Image:
    if kind == recipes.DEBIAN:
        return recipes.from_debian(client, _say)
    if kind in (recipes.DOCKERFILE, _AUTO):
        try:
            return recipes.from_dockerfile(client, _say)
        except SandboxUnavailable as error:
            if kind != _AUTO:
                raise
            _say(f"{error}; exporting this machine's Python instead")
    return exported.ensure(client, _say)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
