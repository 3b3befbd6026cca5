"""Arguments, checked and brought into the engine's form. Messages and codes are mem0's."""

from __future__ import annotations

import logging
import operator
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, TypedDict
from uuid import UUID

from memfast._core import scope_id
from memfast.errors import ValidationError, shown

log = logging.getLogger("memfast")

ScopeArgument = tuple[list[str] | None, list[str] | None, list[str] | None]

ID_NAMES = ("user_id", "agent_id", "run_id")
IDENTITY_KEYS = frozenset((*ID_NAMES, "actor_id"))
ANY = "*"
MAX_ID_CHARACTERS = 65_536
# Bits of the largest integer that is taken as an id: a UUID's.
MAX_ID_BITS = 128
# The largest number of results or rows that the engine takes.
MAX_COUNT = 2**63 - 1
EPOCH = date(1970, 1, 1)


# Arguments of mem0's verbs that change nothing here, with the reason.
IGNORED = {
    "version": "there is one version of the results",
    "output_format": "there is one format of the results",
    "keyword_search": "memories are compared by their vectors",
    "rerank": "hits are ordered by their score alone",
    "explain": "a score is the cosine alone, and has no parts",
}
IN_SEARCH = frozenset({"rerank", "explain"})
# Verb and name of the arguments that were warned about.
_warned: set[tuple[str, str]] = set()


def ignore(verb: str, extras: Mapping[str, object]) -> None:
    """Log once for each argument of mem0's that it has no effect.

    Raises:
        TypeError: mem0's verb has no such argument either.
    """
    for name, value in extras.items():
        if not is_ignored(verb, name):
            raise TypeError(f"{verb}() got an unexpected keyword argument {name!r}")
        asked = value is not None and value is not False
        if asked and (verb, name) not in _warned:
            _warned.add((verb, name))
            log.warning("%s(%s=...) has no effect: %s", verb, name, IGNORED[name])


def is_ignored(verb: str, name: str) -> bool:
    """Tell whether a verb of mem0's has an argument that has no effect here."""
    return name in IGNORED and (verb == "search" or name not in IN_SEARCH)


class Unset:
    """Tells an argument that was left out from one given as None."""

    def __repr__(self) -> str:
        """Show the marker in signatures."""
        return "<unset>"


UNSET = Unset()


def one_id(name: str, value: object) -> str | None:
    """Return a scope id as trimmed text.

    Raises:
        ValidationError: It is neither text, an integer nor a UUID; or is empty, too long, or holds
            a control character or a lone surrogate.
    """
    if value is None:
        return None
    # Of an enumeration of texts the value, not its name.
    text = str.__str__(value) if isinstance(value, str) else _number_or_uuid(name, value)
    try:
        return scope_id(name, text)
    except ValidationError as error:
        raise ValidationError(error.message, details={name: value}) from None


def _number_or_uuid(name: str, value: object) -> str:
    if isinstance(value, UUID):
        return str(value)
    number = _integer(value)
    if number is None or number.bit_length() > MAX_ID_BITS:
        raise ValidationError(
            f"Invalid {name}: {shown(value)} is neither text, an integer nor a UUID. "
            "Provide a valid identifier.",
            details={name: value},
        )
    return str(number)


def _integer(value: object) -> int | None:
    """Return an integer, also one of NumPy; None for what is none, and for truth values."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        return None
    try:
        return operator.index(value)
    except TypeError:
        return None


def read_scope(user_id: object, agent_id: object, run_id: object) -> ScopeArgument:
    """Return the ids a read names; whether that is enough is decided with the filter."""

    def values(name: str, value: object) -> list[str] | None:
        if isinstance(value, Mapping):
            raise ValidationError(
                f"Invalid {name}: {shown(value)} is a dict. "
                "Provide an identifier or a list of them.",
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


def default_scope(
    user_id: object, agent_id: object, run_id: object
) -> tuple[str | None, str | None, str | None]:
    """Return the ids of rows that name none themselves."""
    return (one_id("user_id", user_id), one_id("agent_id", agent_id), one_id("run_id", run_id))


def limit_of(limit: object, top_k: object, default: int) -> int:
    """Return the number of results asked for in either dialect."""
    if limit is not None and top_k is not None and limit != top_k:
        raise ValidationError(
            f"limit={shown(limit)} and top_k={shown(top_k)} are two names of one argument",
            suggestion="Pass one of them.",
        )
    name, value = ("top_k", top_k) if limit is None else ("limit", limit)
    if value is None:
        return default
    return whole_number(name, value, least=0)


def whole_number(name: str, value: object, *, least: int) -> int:
    """Return an integer, also one of NumPy, from `least` to 2**63 - 1."""
    number = _integer(value)
    if number is None:
        raise ValidationError(
            f"{name} must be a valid integer, not {shown(value)}", details={name: value}
        )
    if not least <= number <= MAX_COUNT:
        kind = "non-negative" if least == 0 else "positive"
        raise ValidationError(
            f"Invalid {name}: {shown(number)}. Must be a {kind} integer below 2**63.",
            details={name: value},
        )
    return number


def flag(name: str, value: object) -> bool:
    """Return a truth value, also one of NumPy.

    Raises:
        ValidationError: It is another value, also one that is merely true or false in Python.
    """
    if isinstance(value, bool):
        return value
    if type(value).__module__ == "numpy" and type(value).__name__ in {"bool", "bool_"}:
        return bool(value)
    raise ValidationError(
        f"{name} must be True or False, not {shown(value)}", details={name: value}
    )


class Shows(TypedDict):
    """What a read shows beside the live memories."""

    show_expired: bool
    include_superseded: bool
    include_messages: bool


def shows(show_expired: object, include_superseded: object, include_messages: object) -> Shows:
    """Return what a read shows, checked as `flag` does."""
    return {
        "show_expired": flag("show_expired", show_expired),
        "include_superseded": flag("include_superseded", include_superseded),
        "include_messages": flag("include_messages", include_messages),
    }


def threshold_of(threshold: object) -> float | None:
    """Return the least score of a hit."""
    if threshold is None:
        return None
    if isinstance(threshold, bool) or not isinstance(threshold, (int, float)):
        raise ValidationError("threshold must be a valid number", details={"threshold": threshold})
    if not 0 <= threshold <= 1:
        raise ValidationError(
            f"Invalid threshold: {shown(threshold)}. Must be between 0 and 1 (inclusive)."
        )
    return float(threshold)


def ef_of(ef: object) -> int | None:
    """Return how many memories the approximate index looks at."""
    return None if ef is None else whole_number("ef", ef, least=1)


def search_options(
    *,
    filters: object,
    limit: object,
    top_k: object,
    threshold: object,
    exact: object,
    ef: object,
    shows: Shows,
) -> dict[str, Any]:
    """Return the options of a search as the engine takes them."""
    return {
        "filter": filters,
        "limit": limit_of(limit, top_k, 100),
        "threshold": threshold_of(threshold),
        "ef": ef_of(ef),
        "exact": flag("exact", exact),
        **shows,
    }


def unicode_text(name: str, text: str) -> str:
    """Return a text that can be stored.

    Raises:
        ValidationError: It holds half of a surrogate pair, which is no Unicode text.
    """
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValidationError(
            f"{name} holds a lone surrogate, which is no Unicode text: {shown(text)}",
            details={name: text, "position": error.start},
            suggestion='Replace it first, for example by text.encode(errors="replace").decode().',
        ) from None
    return text


def query_text(query: object) -> str:
    """Return a query as trimmed text."""
    if not isinstance(query, str):
        raise ValidationError("Invalid query: must be a non-empty string.")
    if not query.strip():
        raise ValidationError("Invalid query: cannot be empty or whitespace-only.")
    return unicode_text("query", query.strip())


def prompt_of(prompt: object) -> str | None:
    """Return a caller's instructions, checked."""
    if prompt is None:
        return None
    if isinstance(prompt, str):
        return unicode_text("prompt", prompt)
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
    return unicode_text("a memory's text", text)


def memory_id_of(memory_id: object) -> str:
    """Return a memory's id as trimmed text."""
    if not isinstance(memory_id, str) or not memory_id.strip():
        raise ValidationError(
            f"Invalid memory_id: {shown(memory_id)}. Must be a non-empty string.",
            details={"memory_id": memory_id},
        )
    if len(memory_id) > MAX_ID_CHARACTERS:
        raise ValidationError(
            f"Invalid memory_id: {len(memory_id)} characters are more than {MAX_ID_CHARACTERS}."
        )
    return unicode_text("memory_id", memory_id.strip())


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


Times = dict[str, int]


def backfilled(metadata: dict[str, Any]) -> tuple[dict[str, Any], Times, datetime | None]:
    """Take the creation and update times out of metadata, where mem0's users write them.

    Returns:
        The other metadata; the times as the engine takes them, by name; and the creation time as
        it is written.

    Raises:
        ValidationError: One is not a valid time.
    """
    times: Times = {}
    made: datetime | None = None
    if not metadata:
        return metadata, times, made
    for name in ("created_at", "updated_at"):
        try:
            moment = moment_of(metadata.get(name))
        except ValidationError as error:
            raise ValidationError(
                f"metadata[{name!r}] is the time of the memory: {error.message}",
                details={name: metadata[name]},
                suggestion="Pass ISO 8601 text or Unix seconds, or call the key something else.",
            ) from None
        if moment is not None and (at := micros(moment)) is not None:
            times[name] = at
            made = moment if name == "created_at" else made
    return {key: value for key, value in metadata.items() if key not in times}, times, made


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
            f"timestamp {shown(value)} is no time",
            suggestion="Pass ISO 8601 text or Unix seconds.",
        ) from error
    if moment is None:
        raise ValidationError(
            f"timestamp must be a datetime, ISO 8601 text or Unix seconds, not {shown(value)}"
        )
    return moment
