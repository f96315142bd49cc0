"""What of this machine's Python goes into an image: interpreter, standard library, numpy and scipy, their libraries."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import platform
import posixpath
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from evolve.sandbox import paths
from evolve.sandbox.images import bytecode
from evolve.sandbox.images.libraries import Library, libraries
from evolve.sandbox.images.tar import Entry, folder, text

FORMAT = 1
"""Of the recipe; counted up when what this module puts into an image changes."""
PREFIX = "usr/local"
PYTHON = "/usr/local/bin/python3"
PACKAGES = ("numpy", "scipy")

_VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"
_ZONES = Path("/usr/share/zoneinfo")
_LEFT_OUT = frozenset(
    {"test", "tests", "idlelib", "tkinter", "turtledemo", "ensurepip", "site-packages", "dist-packages", "__pycache__"}
    | {"posix", "right"}  # the other two copies of zoneinfo
)
_LEFT_OUT_STARTS = (
    *("config-", "turtle.py", "_tkinter.", "_ctypes_test.", "_xxtestfuzz.", "xxlimited", "_testbuffer.", "_testcapi."),
    *("_testclinic.", "_testimportmultiple.", "_testinternalcapi.", "_testmultiphase."),
)
_LEFT_OUT_ENDS = (".pyc", ".pyi", ".a", ".exe", ".lib")
_METADATA = frozenset({"METADATA", "RECORD"})
"""Of an installed package; `direct_url.json` would name the folder it was installed from."""
_EMPTY = ("dev", "etc", "evaluator", "proc", "sys", "tmp")
_USERS = "root:x:0:0:root:/:/sbin/nologin\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n"
_GROUPS = "root:x:0:\nnogroup:x:65534:\n"


@dataclass(frozen=True, slots=True)
class Tree:
    """A directory of this machine, and where it goes in the image (relative to its root)."""

    host: Path
    inside: str

    def files(self) -> Iterator[tuple[Path, str]]:
        """Every file that goes along, with its place inside, in order; links that lead out of the tree do not."""
        yield from _below(self.host, self.inside, os.path.realpath(self.host))


@dataclass(frozen=True, slots=True)
class Export:
    """Everything that goes into an image. `tag` names the content, `stamps` tell without reading it that it is as was.

    `stamps` is JSON `{path: [bytes, nanoseconds of change]}` of the libraries, whose packages are not ours.
    """

    interpreter: Path
    trees: tuple[Tree, ...]
    libraries: tuple[Library, ...]
    tag: str
    stamps: str

    def entries(self) -> Iterator[Entry]:
        """The whole root file system."""
        yield from (folder(path) for path in _EMPTY)
        yield from (text("etc/passwd", _USERS), text("etc/group", _GROUPS))
        yield Entry(f"{PREFIX}/bin/{_VERSION}", self.interpreter.read_bytes, mode=0o755)
        yield from (Entry(f"{PREFIX}/bin/{name}", link=_VERSION) for name in ("python", "python3"))
        yield Entry(f"{PREFIX}/lib/{_VERSION}/dist-packages", link="site-packages")  # Debian's Python looks there
        yield from (Entry(library.inside, library.host.read_bytes, mode=0o755) for library in self.libraries)
        for tree in self.trees:
            for host, inside in tree.files():
                yield from _module(host, inside) if host.suffix == ".py" else [_file(host, inside)]


def key() -> str:
    """SHA-256 of what can be known at once: this Python's build, the packages' own lists of files, the recipe."""
    parts = [FORMAT, sys.version, platform.machine(), sys.base_prefix, _stamp(Path(paths.interpreter()))]
    for package in _installed():
        record = package.read_text("RECORD") or ""
        parts += [package.name, package.version, hashlib.sha256(record.encode()).hexdigest()]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def unchanged(stamps: str) -> bool:
    """Whether the libraries of an earlier export are still the same files."""
    try:
        return all(_stamp(Path(path)) == stamp for path, stamp in json.loads(stamps).items())
    except (OSError, ValueError, AttributeError):
        return False


def export() -> Export:
    """Gather what goes in (about 2 s). Raises SandboxUnavailable when the libraries cannot be told, OSError."""
    interpreter = Path(paths.interpreter())
    trees = tuple(_trees())
    natives = [host for tree in trees for host, _ in tree.files() if ".so" in host.name]
    needed = libraries([interpreter, *natives], _packages_root())
    digest = hashlib.sha256(key().encode())
    for library in needed:
        digest.update(library.inside.encode() + hashlib.sha256(library.host.read_bytes()).digest())
    stamps = json.dumps({str(library.host): _stamp(library.host) for library in needed})
    return Export(interpreter, trees, needed, digest.hexdigest()[:16], stamps)


def packages() -> tuple[str, ...]:
    """Those of `PACKAGES` that are installed here, with their versions."""
    return tuple(f"{package.name} {package.version}" for package in _installed())


def imports() -> tuple[str, ...]:
    """Modules an export must be able to import."""
    return ("ctypes", *(package.name.lower() for package in _installed()))


def library() -> str:
    """The standard library's place in the image, relative to its root."""
    base = os.path.realpath(sys.base_prefix)
    stdlib = os.path.realpath(sysconfig.get_path("stdlib"))
    inner = os.path.relpath(stdlib, base) if stdlib.startswith(base + "/") else f"lib/{_VERSION}"
    return f"{PREFIX}/{inner}"


@cache
def _installed() -> tuple[importlib.metadata.Distribution, ...]:
    found = []
    for name in PACKAGES:
        try:
            found.append(importlib.metadata.distribution(name))
        except importlib.metadata.PackageNotFoundError:
            continue
    return tuple(found)


def _packages_root() -> Path:
    """Where the packages are installed; what they bring along for themselves lies there, too."""
    installed = _installed()
    return Path(str(installed[0].locate_file(""))) if installed else Path("/nonexistent")


def _trees() -> Iterator[Tree]:
    yield Tree(Path(sysconfig.get_path("stdlib")), library())
    site = f"{PREFIX}/lib/{_VERSION}/site-packages"
    for package in _installed():
        where = Path(str(package.locate_file("")))
        name = package.name.lower()
        names = [name, f"{name}.libs", f"{name}-{package.version}.dist-info"]
        yield from (Tree(where / name, f"{site}/{name}") for name in names if (where / name).is_dir())
    if _ZONES.is_dir():
        yield Tree(_ZONES, str(_ZONES).lstrip("/"))


def _below(host: Path, inside: str, root: str) -> Iterator[tuple[Path, str]]:
    for item in sorted(host.iterdir()):
        name = item.name
        if name in _LEFT_OUT or name.startswith(_LEFT_OUT_STARTS) or name.endswith(_LEFT_OUT_ENDS):
            continue
        if item.is_symlink() and not os.path.realpath(item).startswith(root + "/"):
            continue  # it may lead anywhere, to a home as well
        if item.is_dir():
            yield from _below(item, posixpath.join(inside, name), root)
        elif item.is_file() and not (host.name.endswith(".dist-info") and name not in _METADATA):
            yield item, posixpath.join(inside, name)


def _file(host: Path, inside: str) -> Entry:
    return Entry(inside, host.read_bytes, mode=0o755 if ".so" in host.name else 0o644)


def _module(host: Path, inside: str) -> Iterator[Entry]:
    """A module and its compiled form."""
    source = host.read_bytes()
    unchanged_there: Path | None = host
    if host.name.startswith("_sysconfigdata"):  # how this Python was built, with its path on every line
        source, unchanged_there = source.replace(sys.base_prefix.encode(), f"/{PREFIX}".encode()), None
    yield Entry(inside, lambda: source)
    pyc = bytecode.compiled(source, f"/{inside}", unchanged_there)
    if pyc is not None:
        yield Entry(bytecode.place(inside), partial(bytes, pyc))


def _stamp(path: Path) -> list[int]:
    stat = path.stat()
    return [stat.st_size, stat.st_mtime_ns]
