"""Times and days as callers give them, in the store's form."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, NamedTuple, overload

from memfast._core import read_day, read_moment
from memfast.errors import ValidationError, shown

if TYPE_CHECKING:
    from memfast.types import MemoryItem, MessageItem

EPOCH = date(1970, 1, 1)
BEGIN = datetime(1970, 1, 1, tzinfo=UTC)


# The time of the call, as `timestamp`.
NOW_WORD = "now"


class Times(NamedTuple):
    """Creation and update time of a new memory, in microseconds; None for now."""

    created_at: int | None = None
    updated_at: int | None = None


# The times of a memory that is created now.
NOW = Times()


class Backfilled(NamedTuple):
    """Metadata without the times that mem0's users write into it.

    Attributes:
        metadata: The other metadata.
        times: The times of the memory.
        made: The creation time as it was written.
    """

    metadata: dict[str, object]
    times: Times
    made: datetime | None


def backfilled(metadata: dict[str, object]) -> Backfilled:
    """Take the creation and update times out of metadata.

    Raises:
        ValidationError: One is not a valid time.
    """
    moments: dict[str, datetime] = {}
    for name in Times._fields if metadata else ():
        try:
            moment = moment_of(metadata.get(name))
        except ValidationError as error:
            raise ValidationError(
                f"metadata[{name!r}] is the time of the memory: {error.message}",
                details={name: metadata[name]},
                suggestion="Pass ISO 8601 text or Unix seconds, or call the key something else.",
            ) from None
        if moment is not None:
            moments[name] = moment
    if not moments:
        return Backfilled(metadata, NOW, None)
    rest = {key: value for key, value in metadata.items() if key not in moments}
    times = Times(**{name: micros(moment) for name, moment in moments.items()})
    return Backfilled(rest, times, moments.get("created_at"))


def expiry_of(value: object) -> int | None:
    """Return a last day as days since 1970."""
    if value is None:
        return None
    if isinstance(value, datetime):
        return (value.date() - EPOCH).days
    if isinstance(value, date):
        return (value - EPOCH).days
    if not isinstance(value, str):
        raise ValidationError(
            "expiration_date must be a date string in YYYY-MM-DD format.",
            details={"expiration_date": value},
        )
    day = read_day(value)
    if day is None:
        raise ValidationError(
            "expiration_date must be a valid date in YYYY-MM-DD format.",
            details={"expiration_date": value},
        )
    return day


def said_of(item: MemoryItem | MessageItem) -> str:
    """Return when a memory was said, else when what it tells happened, else its creation."""
    return item.get("said_at") or item.get("event_time") or item["created_at"]


def spoken_at(value: object) -> datetime | None:
    """Return when something was said: a time, or "now" for the time of the call.

    Raises:
        ValidationError: It is neither.
    """
    # The local offset: "yesterday" is the speaker's.
    return datetime.now(UTC).astimezone() if value == NOW_WORD else moment_of(value)


def spoken_instant(value: object) -> int | None:
    """Return when something was said, as microseconds since 1970 UTC; see `spoken_at`."""
    return micros(spoken_at(value))


def instant_of(value: object, name: str = "timestamp") -> int | None:
    """Return a time as microseconds since 1970 UTC; a time without offset is UTC."""
    return micros(moment_of(value, name))


@overload
def micros(moment: datetime) -> int: ...
@overload
def micros(moment: None) -> None: ...
@overload
def micros(moment: datetime | None) -> int | None: ...
def micros(moment: datetime | None) -> int | None:
    """Return a time with an offset as microseconds since 1970 UTC."""
    if moment is None:
        return None
    since = moment - BEGIN
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _written(text: str) -> datetime:
    """Return a time as the core reads it, with its offset.

    Raises:
        ValueError: It is not a time.
    """
    found = read_moment(text)
    if found is None:
        raise ValueError(text)
    instant, offset = found
    zone = timezone(timedelta(seconds=offset)) if offset else UTC
    return (BEGIN + timedelta(microseconds=instant)).astimezone(zone)


def moment_of(value: object, name: str = "timestamp") -> datetime | None:
    """Return a time with the offset it was given with; one without is in UTC.

    Raises:
        ValidationError: It is not a time of the years 1 to 9999; says so of `name`.
    """
    if value is None:
        return None
    moment: datetime | None = None
    try:
        if isinstance(value, datetime):
            moment = value
        elif isinstance(value, date):
            moment = datetime(value.year, value.month, value.day, tzinfo=UTC)
        elif isinstance(value, str):
            moment = _written(value)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            moment = datetime.fromtimestamp(value, tz=UTC)
        if moment is not None:
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            moment.astimezone(UTC)  # the first and the last day have no such instant
    except (ValueError, OverflowError, OSError) as error:
        raise ValidationError(
            f"{name} {shown(value)} is not a valid time",
            suggestion="Pass ISO 8601 text or Unix seconds.",
        ) from error
    if moment is None:
        raise ValidationError(
            f"{name} must be a datetime, ISO 8601 text or Unix seconds, not {shown(value)}"
        )
    return moment
