"""What an image holds: read off the labels of our own ones, and else asked of the interpreter inside."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evolve.errors import SandboxUnavailable
from evolve.sandbox import owner
from evolve.sandbox.daemon import LABEL, OWNER

if TYPE_CHECKING:
    import docker

REPOSITORY = "evolve-sandbox"
KIND, KEY, STAMPS, INSIDE = f"{LABEL}.kind", f"{LABEL}.key", f"{LABEL}.stamps", f"{LABEL}.inside"
_OLDEST = (3, 11)
_SECONDS = 30
_MEMORY = 1024**3
_LOG = {"max-size": "64k", "max-file": "1"}

_QUESTION = """\
import importlib, json, os, platform, site, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(json.dumps({
    "python": sys.executable,
    "version": list(sys.version_info[:2]),
    "packages": [path for path in site.getsitepackages() if os.path.isdir(path)],
    "libc": list(platform.libc_ver()),
    "machine": platform.machine(),
}))
"""


@dataclass(frozen=True, slots=True)
class Image:
    """An image that candidates run in.

    `tag` names its content for good: `evolve-sandbox:<16 hex digits>`, or of a foreign image its digest or id.
    `python` is the absolute path of the interpreter inside, `packages` the directories of installed packages inside, in
    import order; `made` says that it was made just now.
    """

    tag: str
    python: str
    made: bool = False
    packages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Inside:
    """What an interpreter in an image says of itself; `libc` is name and version, such as ("glibc", "2.36")."""

    python: str
    version: tuple[int, int]
    packages: tuple[str, ...]
    libc: tuple[str, str]
    machine: str

    def as_label(self) -> str:
        """For the label `INSIDE`, which saves starting a container to ask."""
        return json.dumps({name: getattr(self, name) for name in self.__slots__}, sort_keys=True)

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Inside:
        """From parsed JSON. Raises KeyError, TypeError or ValueError when it is something else."""
        major, minor = said["version"]
        name, version = said["libc"]
        return cls(str(said["python"]), (int(major), int(minor)), tuple(said["packages"]), (name, version),
                   str(said["machine"]))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Present:
    """An image of ours in the daemon; `created` is in seconds of the epoch."""

    tag: str
    labels: Mapping[str, str]
    created: int


def ours(client: docker.DockerClient) -> Iterator[Present]:
    """Our own images by tag, newest first."""
    found = client.api.images(filters={"label": f"{LABEL}=image"})
    for image in sorted(found, key=lambda image: -int(image["Created"])):
        for tag in image["RepoTags"] or ():
            if tag.startswith(f"{REPOSITORY}:"):
                yield Present(tag, image["Labels"] or {}, int(image["Created"]))


def passing() -> dict[str, str]:
    """The labels of a container that is there for a moment."""
    return {LABEL: "slot", OWNER: owner.here()}


def has(client: docker.DockerClient, name: str) -> bool:
    """Whether the daemon holds an image of this name."""
    from docker.errors import ImageNotFound

    try:
        client.api.inspect_image(name)
    except ImageNotFound:
        return False
    return True


def inside(client: docker.DockerClient, name: str) -> Inside:
    """What the image's interpreter is. Raises SandboxUnavailable when there is none, or too old a one."""
    labels = (client.api.inspect_image(name)["Config"] or {}).get("Labels") or {}
    try:
        found = Inside.of(json.loads(labels[INSIDE]))
    except (KeyError, TypeError, ValueError):
        found = asked(client, name)
    if found.version < _OLDEST:
        raise SandboxUnavailable(
            f"image {name} holds Python {found.version[0]}.{found.version[1]}; the sandbox needs 3.11 or newer inside"
        )
    return found


def described(client: docker.DockerClient, name: str) -> Image:
    """An image of ours that is there, by its labels."""
    found = inside(client, name)
    return Image(name, found.python, False, found.packages)


def asked(client: docker.DockerClient, name: str, imports: Sequence[str] = ()) -> Inside:
    """Start `python3` of the image once, walled in, and import these modules there.

    Raises SandboxUnavailable when it does not start, does not answer or lacks one of them.
    """
    import requests
    from docker.errors import APIError

    container = _container(client, name, imports)
    try:
        container.start()
        status = container.wait(timeout=_SECONDS)["StatusCode"]
        said = container.logs(stdout=True, stderr=False).decode("utf-8", "replace")
        complaint = container.logs(stdout=False, stderr=True).decode("utf-8", "replace")
    except APIError as error:
        raise SandboxUnavailable(
            f"image {name} has no python3 on its PATH that starts ({error.explanation}); "
            f"the sandbox runs Python inside also for other languages"
        ) from error
    except requests.exceptions.RequestException as error:
        raise SandboxUnavailable(f"python3 in image {name} gave no answer within {_SECONDS} s: {error}") from error
    finally:
        container.remove(force=True)
    try:
        return Inside.of(json.loads(said))
    except (KeyError, TypeError, ValueError) as error:
        last = (complaint.strip() or said.strip() or "nothing was printed").splitlines()[-1][:200]
        raise SandboxUnavailable(f"python3 in image {name} failed with status {status}: {last}") from error


def _container(client: docker.DockerClient, name: str, imports: Sequence[str]) -> Any:
    from docker.types import LogConfig

    return client.containers.create(
        name,
        ["-I", "-c", _QUESTION, *imports],
        entrypoint=["python3"],
        user="65534:65534",
        working_dir="/",
        network_mode="none",
        ipc_mode="none",
        read_only=True,
        cap_drop=["ALL"],
        security_opt=["no-new-privileges:true"],
        pids_limit=32,
        mem_limit=_MEMORY,
        environment={"OPENBLAS_NUM_THREADS": "1"},
        labels=passing(),
        log_config=LogConfig(type="json-file", config=_LOG),
    )
