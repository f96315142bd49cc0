"""Programs by their address, whatever runs they are in."""

from __future__ import annotations

import re

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from evolve.domain import Program
from evolve.errors import DatabaseError, NotFound
from evolve.store import codec
from evolve.store.models import ProgramText, table_of

_programs = table_of(ProgramText)
_DIGITS = 64
_PREFIX = re.compile(r"[0-9a-f]{6,64}")


def keep(connection: Connection, program: Program) -> None:
    """Store a program unless it is there."""
    add = (sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert)(_programs)
    row = {"digest": program.digest, "files": codec.pack_program(program)}
    connection.execute(add.on_conflict_do_nothing(), row)


def find(connection: Connection, prefix: str) -> Program:
    """The one program whose digest begins with `prefix`. Raises NotFound, or DatabaseError when it was changed."""
    if _PREFIX.fullmatch(prefix) is None:
        raise NotFound(f"{prefix!r} names no program; give at least 6 digits (0-9, a-f) of its digest")
    # Bounds and not LIKE, which would read every row: all digests have the same length.
    bounds = (_programs.c.digest >= prefix.ljust(_DIGITS, "0"), _programs.c.digest <= prefix.ljust(_DIGITS, "f"))
    rows = connection.execute(select(_programs).where(*bounds).order_by(_programs.c.digest).limit(2)).all()
    if not rows:
        raise NotFound(f"no program of this database has a digest that begins with {prefix}")
    if len(rows) > 1:
        first, second = (row.digest[: len(prefix) + 6] for row in rows)
        raise NotFound(f"several programs have a digest that begins with {prefix}: {first}, {second}, ...; give more")
    return _sound(rows[0].digest, rows[0].files)


def _sound(digest: str, files: bytes) -> Program:
    changed = f"program {digest} was changed after it was stored; restore a copy of the database"
    try:
        program = codec.unpack_program(files)
    except Exception as error:  # damaged bytes can be anything to the decoders
        raise DatabaseError(f"{changed} ({error})") from None
    if program.digest != digest:
        raise DatabaseError(changed)
    return program
