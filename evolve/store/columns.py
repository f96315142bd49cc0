"""How Python types become column types: any text, moments in UTC, JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import JSON, DateTime, Dialect, Double, Text
from sqlalchemy.orm import mapped_column
from sqlalchemy.types import TypeDecorator

from evolve.store.codec import escape, unescape


class AnyText(TypeDecorator[str]):
    """Text that may hold anything a candidate prints; see `codec.escape`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Escape on the way in."""
        return None if value is None else escape(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Unescape on the way out."""
        return None if value is None else unescape(value)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, always UTC; SQLite keeps it as text without a zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn to UTC on the way in."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Be aware on the way out."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Word = Annotated[str, mapped_column(Text)]
"""Text that this package chose itself, such as a status or a digest: stored as it is, which is faster."""

COLUMN_TYPES = {
    str: AnyText,
    datetime: UtcDateTime,
    float: Double(),
    dict[str, Any]: JSON(none_as_null=True),
    list[dict[str, Any]]: JSON(none_as_null=True),
}
"""The column types of annotations, for `Base`."""
