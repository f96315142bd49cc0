"""Scaffolds as folders: read, checked, written, compared, and laid out as the package they run as."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from evolve import scaffold
from evolve.domain import Program
from evolve.errors import ScaffoldError
from evolve.genome.genome import CONTRACT, MANIFEST, Genome, Manifest
from evolve.scaffold.plain import shown
from evolve.scaffold.wire import API

PACKAGE = "evolve/scaffold"
"""Where a genome's files lie wherever they run."""

ENTRY = "talk.py"
"""The host's file that is loaded first where a scaffold runs: it has `answer(line: str) -> str`."""

MOST_BYTES = 1024**2
MOST_FILE = 64 * 1024
MOST_MANIFEST = 4 * 1024
MOST_FILES = 400
SUFFIXES = (".py", ".md", ".toml", ".txt", ".json")
"""Caps on a genome: bytes of all its texts, of one and of its manifest, files, and what they may be.

Scaffold zero has 380,000 bytes in 118 files of at most 14,000. Parsers take time that grows with the square of a text,
that of TOML with its cube; so the caps on one text bound it."""

MOST_SECONDS = 10.0
MOST_MEMORY = 1024**3
"""What a manifest may ask for, per call and in bytes; more is cut to this."""

_BEGINNING = '''\
"""Where the host begins to talk with a scaffold, in the scaffold's own process."""

import os
import sys

# The sandbox imports Python from memory. A scaffold is a package like any other: it may list its own folder.
for finder in [finder for finder in sys.meta_path if hasattr(finder, "texts")]:
    for path, text in finder.texts.items():
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    sys.meta_path.remove(finder)
sys.path.insert(0, os.getcwd())
sys.dont_write_bytecode = True

# pyribs imports code that numba wants to cache, and only this folder can be written.
os.environ["NUMBA_CACHE_DIR"] = os.getcwd()
if "numba" in sys.modules:
    sys.modules["numba"].config.CACHE_DIR = os.getcwd()

from evolve.scaffold.serve import answer as answer
'''
"""The text of `ENTRY`."""

LONGEST_PATH = 200
MOST_TOLD = 8
"""Faults of a manifest that are told; each of its keys may be one."""

_SHARED = ("__init__.py", "domain.py", "errors.py")
"""Files of the package `evolve` that a scaffold may import."""
_LEFT_OUT = ("__pycache__",)


@cache
def zero() -> Genome:
    """Scaffold zero: the folder this package ships."""
    return _read(_shipped())


def read_folder(folder: Path) -> Genome:
    """The scaffold in a folder.

    Copies of the host's own files are left out; a changed copy is an error, as it would never be used. Raises
    ScaffoldError.
    """
    if not folder.is_dir():
        raise ScaffoldError(f"{folder} is no folder; give one with a {MANIFEST}")
    for name in CONTRACT:
        own = folder / name
        if own.is_file() and own.read_bytes() != (_shipped() / name).read_bytes():
            raise ScaffoldError(f"{own} differs from the host's own {name}, which is used in any case; remove it")
    try:
        genome = _read(folder)
        manifest_of(genome)
    except ScaffoldError as error:
        raise ScaffoldError(f"{folder} holds no scaffold that can run: {error}") from None
    return genome


def write_folder(genome: Genome, folder: Path) -> None:
    """Write a scaffold's files into a new or empty folder. Raises ScaffoldError."""
    check(genome)
    if folder.exists() and any(folder.iterdir()):
        raise ScaffoldError(f"{folder} is not empty; name a folder that does not exist yet")
    for path, text in genome.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8", newline="")


def check(genome: Genome) -> None:
    """Hold a genome to the caps. Raises ScaffoldError for the first fault."""
    fault = next(faults(genome), None)
    if fault is not None:
        raise ScaffoldError(fault)


def faults(genome: Genome) -> Iterator[str]:
    """What is wrong with a genome as a set of files, in sentences."""
    files = genome.files
    if MANIFEST not in files:
        yield f"the scaffold has no {MANIFEST}, which says where it begins"
    if len(files) > MOST_FILES:
        yield f"the scaffold has {len(files):,} files; at most {MOST_FILES} are allowed"
    sizes = {path: bytes_of(text) for path, text in files.items()}
    size = sum(sizes.values())
    if size > MOST_BYTES:
        yield f"the scaffold has {size:,} bytes; at most {MOST_BYTES:,} are allowed"
    taken = {*files, *CONTRACT}
    for path, text in files.items():
        yield from _path_faults(path)
        yield from _place_faults(path, taken)
        most = MOST_MANIFEST if path == MANIFEST else MOST_FILE
        if sizes[path] > most:
            yield f"{path[:LONGEST_PATH]} has {sizes[path]:,} bytes; at most {most:,} are allowed in it"
        if not _is_text(text):
            yield f"{path} holds what is no Unicode text; remove it"


def bytes_of(text: str) -> int:
    """How long a text is as UTF-8."""
    return len(text.encode("utf-8", "surrogatepass"))


def _path_faults(path: str) -> Iterator[str]:
    if path in CONTRACT:
        yield f"{path} is the host's and can be no part of a scaffold; leave it out"
    pure = PurePosixPath(path)
    plain = path.isascii() and path.isprintable() and "\\" not in path and str(pure) == path
    if not plain or pure.is_absolute() or ".." in pure.parts or len(path) > LONGEST_PATH:
        yield f"{path[:LONGEST_PATH]!r} is no plain relative path of at most {LONGEST_PATH} characters"
    elif any(part.startswith(".") or part in _LEFT_OUT for part in pure.parts):
        yield f"{path} is hidden or made by Python; leave it out"
    elif pure.suffix not in SUFFIXES:
        yield f"{path} is none of {', '.join(SUFFIXES)}; a scaffold is made of such texts only"


def _place_faults(path: str, taken: Collection[str]) -> Iterator[str]:
    """Why a file cannot lie in its folder: a file has that name, or Python would import the folder instead of one."""
    for parent in PurePosixPath(path).parents:
        if str(parent) in taken:
            yield f"{path} needs a folder {parent}, which is a file; name one of them otherwise"
        elif f"{parent}.py" in CONTRACT:
            yield f"{path} lies in a folder that hides the host's own {parent}.py; name it otherwise"


class _Limits(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    seconds: Annotated[int | float, Field(gt=0, allow_inf_nan=False)] = MOST_SECONDS
    memory: Annotated[int, Field(ge=64 * 1024**2)] = 512 * 1024**2


_Function = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*$", max_length=200)]


class _File(BaseModel):
    """`scaffold.toml` as people write it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][\w .+-]*$", max_length=80)]
    api: int
    entry: _Function
    meta: _Function
    capabilities: list[Literal["models", "drafts"]] = ["models", "drafts"]
    limits: _Limits = _Limits()


def manifest_of(genome: Genome) -> Manifest:
    """What a scaffold's manifest says, its limits cut to the host's. Raises ScaffoldError."""
    text = genome.files.get(MANIFEST)
    if text is None:
        raise ScaffoldError(f"the scaffold has no {MANIFEST}, which says where it begins")
    try:
        told = _File.model_validate(tomllib.loads(text))
    except ValidationError as error:
        told_of = "; ".join(_fault(dict(fault)) for fault in error.errors()[:MOST_TOLD])
        raise ScaffoldError(f"{MANIFEST}: {told_of}") from None
    except (ValueError, OverflowError, RecursionError, MemoryError) as error:  # not only of its syntax: of huge numbers
        raise ScaffoldError(f"{MANIFEST} is no valid TOML: {error}") from None
    if told.api != API:
        raise ScaffoldError(f"{MANIFEST}: api = {shown(told.api)}, but this host speaks version {API} of the protocol")
    return Manifest(
        name=told.name,
        api=told.api,
        entry=told.entry,
        meta=told.meta,
        seconds=float(min(told.limits.seconds, MOST_SECONDS)),
        memory=min(told.limits.memory, MOST_MEMORY),
        capabilities=tuple(dict.fromkeys(told.capabilities)),
    )


def _fault(fault: Mapping[str, object]) -> str:
    place = ".".join(str(part) for part in fault["loc"])[:LONGEST_PATH]  # type: ignore[attr-defined]
    if fault["type"] == "missing":
        return f"{place} is missing"
    if fault["type"] == "extra_forbidden":
        return f"{place} is no key of it"
    return f"{place} = {shown(fault['input'])}: {str(fault['msg']).lower()}"


def laid_out(genome: Genome) -> Program:
    """A scaffold's files where they lie when it runs: as the package `evolve.scaffold`. Raises ScaffoldError."""
    check(genome)
    return Program.of({f"{PACKAGE}/{path}": text for path, text in genome.files.items()})


@cache
def companions() -> Mapping[str, str]:
    """The host's files laid beside every scaffold: both sides' contract, and `ENTRY`."""
    root = _shipped().parent
    shared = {f"evolve/{name}": _text(root / name) for name in _SHARED}
    contract = {f"{PACKAGE}/{name}": _text(_shipped() / name) for name in CONTRACT}
    return {**shared, **contract, ENTRY: _BEGINNING}


def diff(before: Genome, after: Genome) -> str:
    """What changed from one scaffold to another, as a unified diff; "" when nothing did."""
    old, new = before.files, after.files
    changed = [path for path in sorted(old.keys() | new.keys()) if old.get(path) != new.get(path)]
    return "".join(_file_diff(path, old.get(path), new.get(path)) for path in changed)


def _file_diff(path: str, old: str | None, new: str | None) -> str:
    lines = difflib.unified_diff(
        [] if old is None else old.splitlines(keepends=True),
        [] if new is None else new.splitlines(keepends=True),
        "/dev/null" if old is None else f"a/{path}",
        "/dev/null" if new is None else f"b/{path}",
    )
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _shipped() -> Path:
    return Path(scaffold.__file__).parent


def _read(folder: Path) -> Genome:
    genome = Genome.of({path: _text(folder / path) for path in sorted(_listed(folder)) if path not in CONTRACT})
    check(genome)
    return genome


def _listed(folder: Path) -> Iterator[str]:
    """Files of a folder, but for hidden ones and what Python makes. Links are followed nowhere: they are an error."""
    for path in folder.rglob("*"):
        relative = path.relative_to(folder)
        if any(part.startswith(".") or part in _LEFT_OUT for part in relative.parts):
            continue
        if path.is_symlink():
            raise ScaffoldError(f"{path} is a link; put the file itself there")
        if path.is_file():
            yield relative.as_posix()


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise ScaffoldError(f"{path} is no UTF-8 text; a scaffold is made of texts only") from None
    except OSError as error:
        raise ScaffoldError(f"{path} cannot be read: {error.strerror}") from None


def _is_text(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return "\0" not in text
