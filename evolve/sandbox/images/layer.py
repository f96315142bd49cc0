"""A problem's `requirements.txt` on top of an image, once: wheels alone, and nothing of them runs on this machine."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from evolve.errors import SandboxUnavailable
from evolve.sandbox.base import Say
from evolve.sandbox.images import bytecode, look, make
from evolve.sandbox.images.look import REPOSITORY, Image, Inside
from evolve.sandbox.images.tar import Entry, stream

if TYPE_CHECKING:
    import docker

_FOLDER = "opt/evolve/packages"
_SECONDS = 900
_VERSION = r"[<>=!~]=?=?\s*[A-Za-z0-9.*+!_-]+"
_REQUIREMENT = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._-]*\s*(\[[A-Za-z0-9._, -]*\])?\s*"  # a name, extras
    rf"({_VERSION}(\s*,\s*{_VERSION})*)?\s*(;[^/\\]*)?"  # versions, markers
)
"""PEP 508 without addresses."""
_OLDEST_GLIBC = 5
_MUSL = tuple(range(1, 3))


def ensure(client: docker.DockerClient, base: Image, requirements: str, say: Say) -> Image:
    """The image with these requirements installed on top of `base`. Raises SandboxUnavailable when pip cannot."""
    wanted = parsed(requirements)
    if not wanted:
        return base
    tag = hashlib.sha256("\n".join([base.tag, *wanted]).encode()).hexdigest()[:16]
    if look.has(client, f"{REPOSITORY}:{tag}"):
        return look.described(client, f"{REPOSITORY}:{tag}")
    found = look.inside(client, base.tag)
    say(f"adding {', '.join(wanted)} to {base.tag} as {REPOSITORY}:{tag}, once")
    with tempfile.TemporaryDirectory(prefix="evolve-packages-") as name:
        folder = Path(name)
        _install(wanted, folder, found)
        over = replace(found, packages=(f"/{_FOLDER}", *(path for path in found.packages if path != f"/{_FOLDER}")))
        return make.layered(client, base.tag, tag, stream(_entries(folder, found)), over)


def parsed(requirements: str) -> tuple[str, ...]:
    """The requirements, one per line, without comments.

    Raises SandboxUnavailable for options, addresses and paths: they could read this machine's files or run code on it.
    """
    wanted = []
    for number, line in enumerate(requirements.splitlines(), 1):
        plain = re.sub(r"(^|\s)#.*", "", line).strip()
        if plain and not _REQUIREMENT.fullmatch(plain):
            raise SandboxUnavailable(
                f"requirements.txt line {number} is {plain!r}; write a name with versions, such as networkx==3.4: "
                f"options, addresses and paths are not read there (name an image of yours as sandbox.image instead)"
            )
        if plain:
            wanted.append(" ".join(plain.split()))
    return tuple(wanted)


def _install(wanted: tuple[str, ...], folder: Path, found: Inside) -> None:
    """Unpack the wheels that fit the Python inside."""
    major, minor = found.version
    platforms = [part for name in _platforms(found) for part in ("--platform", name)]
    abis = [part for name in (f"cp{major}{minor}", "abi3", "none") for part in ("--abi", name)]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    command += ["--no-compile", "--only-binary=:all:", "--target", str(folder), "--implementation", "cp"]
    command += ["--python-version", f"{major}.{minor}", *abis, *platforms, *wanted]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SandboxUnavailable(f"pip did not fetch the requirements {', '.join(wanted)}: {error}") from error
    if done.returncode:
        last = done.stderr.strip().splitlines() or ["it said nothing"]
        raise SandboxUnavailable(
            f"pip cannot install {', '.join(wanted)} for Python {major}.{minor} in the image (wheels only): {last[-1]}"
        )


def _platforms(found: Inside) -> Iterator[str]:
    """The tags of wheels that work inside, best first."""
    libc, version = found.libc
    minor = int(version.split(".")[1]) if version.count(".") else 17
    if libc == "glibc":
        yield from (f"manylinux_2_{number}_{found.machine}" for number in range(minor, _OLDEST_GLIBC - 1, -1))
        yield from (f"{name}_{found.machine}" for name in ("manylinux2014", "manylinux2010", "manylinux1"))
    else:
        yield from (f"musllinux_1_{number}_{found.machine}" for number in reversed(_MUSL))
    yield f"linux_{found.machine}"


def _entries(folder: Path, found: Inside) -> Iterator[Entry]:
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder)
        if not path.is_file() or path.is_symlink() or inner.parts[0] == "bin":
            continue
        inside = f"{_FOLDER}/{inner.as_posix()}"
        yield Entry(inside, path.read_bytes, mode=0o755 if ".so" in path.name else 0o644)
        # The same minor version means the same bytecode; another one compiles when it starts.
        if path.suffix == ".py" and found.version == sys.version_info[:2]:
            pyc = bytecode.compiled(path.read_bytes(), f"/{inside}")
            if pyc is not None:
                yield Entry(bytecode.place(inside), partial(bytes, pyc))
