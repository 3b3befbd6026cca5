"""Arguments, checked and brought into the engine's form. Messages and codes are mem0's."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from memfast.errors import ValidationError

log = logging.getLogger("memfast")

ScopeArgument = tuple[list[str] | None, list[str] | None, list[str] | None]

ID_NAMES = ("user_id", "agent_id", "run_id")
IDENTITY_KEYS = frozenset((*ID_NAMES, "actor_id"))
ANY = "*"
MAX_ID_CHARACTERS = 65_536
EPOCH = date(1970, 1, 1)


class Unset:
    """Tells an argument that was left out from one given as None."""

    def __repr__(self) -> str:
        """Show the marker in signatures."""
        return "<unset>"


UNSET = Unset()


def one_id(name: str, value: object) -> str | None:
    """Return a scope id as trimmed text."""
    if value is None:
        return None
    text = str(value).strip()
    if not text:
        raise ValidationError(
            f"Invalid {name}: cannot be empty or whitespace-only. Provide a valid identifier.",
            details={name: value},
        )
    if len(text.split()) > 1:
        raise ValidationError(
            f"Invalid {name}: cannot contain whitespace. "
            "Provide a valid identifier without spaces.",
            details={name: value},
        )
    if len(text) > MAX_ID_CHARACTERS:
        raise ValidationError(
            f"Invalid {name}: {len(text)} characters are more than {MAX_ID_CHARACTERS}. "
            "Provide a shorter identifier.",
        )
    return text


def read_scope(user_id: object, agent_id: object, run_id: object) -> ScopeArgument:
    """Return the ids a read names; whether that is enough is decided with the filter."""

    def values(name: str, value: object) -> list[str] | None:
        if isinstance(value, Mapping):
            raise ValidationError(
                f"Invalid {name}: {value!r} is a dict. Provide an identifier or a list of them.",
                suggestion=f"Put conditions into filters={{{name!r}: ...}}.",
            )
        if isinstance(value, (list, tuple, set, frozenset)):
            texts = [text for item in value if (text := one_id(name, item)) is not None]
            if not texts:
                raise ValidationError(f"Invalid {name}: an empty list names no scope.")
            return texts
        text = one_id(name, value)
        return None if text is None else [text]

    return (values("user_id", user_id), values("agent_id", agent_id), values("run_id", run_id))


def write_scope(user_id: object, agent_id: object, run_id: object) -> dict[str, str]:
    """Return the ids a new memory gets; at least one."""
    given = dict(zip(ID_NAMES, (user_id, agent_id, run_id), strict=True))
    scope = {name: text for name, value in given.items() if (text := one_id(name, value))}
    if not scope:
        raise ValidationError(
            "At least one of 'user_id', 'agent_id', or 'run_id' must be provided.",
            error_code="VALIDATION_001",
            details={"provided_ids": {name: value for name, value in given.items() if value}},
            suggestion="Say whose memory it is, for example user_id='alice'.",
        )
    for name, text in scope.items():
        if text == ANY:
            raise ValidationError(
                f"Invalid {name}: '*' names all scopes and cannot own a memory. "
                "Provide a valid identifier.",
                details={name: text},
            )
    return scope


def limit_of(limit: object, top_k: object, default: int) -> int:
    """Return the number of results asked for in either dialect."""
    if limit is not None and top_k is not None and limit != top_k:
        raise ValidationError(
            f"limit={limit!r} and top_k={top_k!r} are two names of one argument",
            suggestion="Pass one of them.",
        )
    name, value = ("top_k", top_k) if limit is None else ("limit", limit)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValidationError(f"{name} must be a valid integer", details={name: value})
    if value < 0:
        raise ValidationError(f"Invalid {name}: {value}. Must be a non-negative integer.")
    return min(value, 2**62)


def threshold_of(threshold: object) -> float | None:
    """Return the least score of a hit."""
    if threshold is None:
        return None
    if isinstance(threshold, bool) or not isinstance(threshold, (int, float)):
        raise ValidationError("threshold must be a valid number", details={"threshold": threshold})
    if not 0 <= threshold <= 1:
        raise ValidationError(
            f"Invalid threshold: {threshold}. Must be between 0 and 1 (inclusive)."
        )
    return float(threshold)


def ef_of(ef: object) -> int | None:
    """Return how many memories the approximate index looks at."""
    if ef is None:
        return None
    if isinstance(ef, bool) or not isinstance(ef, int) or ef < 1:
        raise ValidationError(f"ef must be a positive integer, not {ef!r}", details={"ef": ef})
    return ef


def query_text(query: object) -> str:
    """Return a query as trimmed text."""
    if not isinstance(query, str):
        raise ValidationError("Invalid query: must be a non-empty string.")
    if not query.strip():
        raise ValidationError("Invalid query: cannot be empty or whitespace-only.")
    return query.strip()


def prompt_of(prompt: object) -> str | None:
    """Return a caller's instructions, checked."""
    if prompt is None or isinstance(prompt, str):
        return prompt
    raise ValidationError(f"prompt must be text, not {type(prompt).__name__}")


def procedural_scope(scope: Mapping[str, str]) -> None:
    """Check that an agent is named: a procedure is an agent's own.

    Raises:
        ValidationError: None is.
    """
    if "agent_id" not in scope:
        raise ValidationError(
            "a procedural memory needs agent_id: it is how an agent did something",
            error_code="VALIDATION_002",
            details={"provided_ids": scope},
            suggestion="Pass agent_id=..., or leave memory_type out.",
        )


def memory_text(text: object) -> str:
    """Return a memory's text, which must say something."""
    if not isinstance(text, str):
        raise ValidationError(
            f"a memory's text must be a str, not {type(text).__name__}", details={"text": text}
        )
    if not text.strip():
        raise ValidationError("a memory's text cannot be empty or whitespace-only")
    return text


def memory_id_of(memory_id: object) -> str:
    """Return a memory's id as trimmed text."""
    if not isinstance(memory_id, str) or not memory_id.strip():
        raise ValidationError(
            f"Invalid memory_id: {memory_id!r}. Must be a non-empty string.",
            details={"memory_id": memory_id},
        )
    if len(memory_id) > MAX_ID_CHARACTERS:
        raise ValidationError(
            f"Invalid memory_id: {len(memory_id)} characters are more than {MAX_ID_CHARACTERS}."
        )
    return memory_id.strip()


def metadata_of(metadata: object) -> dict[str, Any]:
    """Return metadata without the keys that name an identity, which it must not change."""
    if metadata is None:
        return {}
    if not isinstance(metadata, Mapping):
        raise ValidationError(
            f"metadata must be a dict, not {type(metadata).__name__}",
            details={"metadata": metadata},
        )
    for key in sorted(IDENTITY_KEYS & metadata.keys()):
        log.warning("metadata key %r names an identity and was left out; pass it as argument", key)
    return {key: value for key, value in metadata.items() if key not in IDENTITY_KEYS}


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
    try:
        return (datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=UTC).date() - EPOCH).days
    except ValueError as error:
        raise ValidationError(
            "expiration_date must be a valid date in YYYY-MM-DD format.",
            details={"expiration_date": value},
        ) from error


def instant_of(value: object) -> int | None:
    """Return a time as microseconds since 1970 UTC; a time without offset is UTC."""
    return micros(moment_of(value))


def micros(moment: datetime | None) -> int | None:
    """Return a time with an offset as the engine takes it."""
    if moment is None:
        return None
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def moment_of(value: object) -> datetime | None:
    """Return a time with the offset it was given with; one without is in UTC."""
    if value is None:
        return None
    moment: datetime | None = None
    try:
        if isinstance(value, datetime):
            moment = value
        elif isinstance(value, date):
            moment = datetime(value.year, value.month, value.day, tzinfo=UTC)
        elif isinstance(value, str):
            moment = datetime.fromisoformat(value)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            moment = datetime.fromtimestamp(value, tz=UTC)
        if moment is not None:
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            moment.astimezone(UTC)  # the first and the last day have no such instant
    except (ValueError, OverflowError, OSError) as error:
        raise ValidationError(
            f"timestamp {value!r} is no time", suggestion="Pass ISO 8601 text or Unix seconds."
        ) from error
    if moment is None:
        raise ValidationError(
            f"timestamp must be a datetime, ISO 8601 text or Unix seconds, not {value!r}"
        )
    return moment
