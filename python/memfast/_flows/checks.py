"""Arguments, checked. Messages and codes are mem0's."""

from __future__ import annotations

import logging
import operator
from collections.abc import Mapping
from math import isfinite
from typing import TYPE_CHECKING, cast

from memfast._core import memory_fields
from memfast._core import memory_id as stored_id
from memfast.errors import ValidationError, shown
from memfast.stores.protocol import Scope

if TYPE_CHECKING:
    from memfast.types import SearchMode

log = logging.getLogger("memfast")

ID_NAMES = ("user_id", "agent_id", "run_id")
IDENTITY_KEYS = frozenset(field.name for field in memory_fields() if field.is_identity)
# The largest number of results or rows that a store takes.
MAX_COUNT = 2**63 - 1

# Arguments of mem0's verbs that change nothing here, with the reason.
IGNORED = {
    "version": "there is one version of the results",
    "output_format": "there is one format of the results",
    "keyword_search": 'a search goes by words unless its mode is "semantic"',
}
MODES = ("hybrid", "semantic", "lexical")
# Verb and name of the arguments that were warned about.
_warned: set[tuple[str, str]] = set()


def ignore(verb: str, extras: Mapping[str, object]) -> None:
    """Log once for each argument of mem0's that it has no effect.

    Raises:
        TypeError: mem0's verb has no such argument either.
    """
    for name, value in extras.items():
        if not is_ignored(name):
            raise TypeError(f"{verb}() got an unexpected keyword argument {name!r}")
        if value is not None and value is not False:
            warn_once(verb, name, IGNORED[name])


def warn_once(
    verb: str, name: str, reason: str, warned: set[tuple[str, str]] | None = None
) -> None:
    """Log at the first use of an argument that it has no effect.

    Args:
        verb: What takes the argument.
        name: The argument.
        reason: Why it has no effect.
        warned: What was warned about already; None for that of the process.
    """
    seen = _warned if warned is None else warned
    if (verb, name) not in seen:
        seen.add((verb, name))
        log.warning("%s(%s=...) has no effect: %s", verb, name, reason)


def is_ignored(name: str) -> bool:
    """Return whether mem0 has an argument of this name that has no effect here."""
    return name in IGNORED


def integer(value: object) -> int | None:
    """Return an integer, also one of NumPy; None for another value, and for truth values."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        return None
    try:
        return operator.index(value)
    except TypeError:
        return None


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
    number = integer(value)
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


def mode_of(mode: object) -> SearchMode | None:
    """Return what a search ranks by; None where it was not given."""
    if mode is None or mode in MODES:
        return cast("SearchMode | None", mode)
    raise ValidationError(
        f"mode must be one of {', '.join(map(repr, MODES))}, not {shown(mode)}",
        details={"mode": mode},
    )


def weights_of(weights: object) -> dict[str, float] | None:
    """Return what numbers of a memory count; the store checks their names."""
    if weights is None:
        return None
    if not isinstance(weights, Mapping):
        raise ValidationError(f"weights must be a dict of numbers, not {shown(weights)}")
    for name, weight in weights.items():
        number = isinstance(weight, (int, float)) and not isinstance(weight, bool)
        if not isinstance(name, str) or not number or not isfinite(weight):
            raise ValidationError(
                f"the weight of {shown(name)} must be a finite number, not {shown(weight)}",
                details={"weights": weights},
            )
    return dict(weights)


def ef_of(ef: object) -> int | None:
    """Return how many memories the approximate index looks at."""
    return None if ef is None else whole_number("ef", ef, least=1)


def unicode_text(name: str, text: str) -> str:
    """Return a text that can be stored.

    Raises:
        ValidationError: It holds half of a surrogate pair, which is not Unicode text.
    """
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValidationError(
            f"{name} holds a lone surrogate, which is not Unicode text: {shown(text)}",
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
    if not isinstance(memory_id, str):
        raise ValidationError(
            f"Invalid memory_id: {shown(memory_id)}. Must be a non-empty string.",
            details={"memory_id": memory_id},
        )
    try:
        return stored_id("memory_id", memory_id)
    except ValidationError as error:
        raise ValidationError(error.message, details={"memory_id": memory_id}) from None


def metadata_of(metadata: object) -> dict[str, object]:
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


def procedural_owner(scope: Scope) -> None:
    """Check that an agent is named: a procedure is an agent's own.

    Raises:
        ValidationError: No agent is named.
    """
    if scope.agent_id is None:
        raise ValidationError(
            "a procedural memory needs agent_id: it is how an agent did something",
            error_code="VALIDATION_002",
            details={"provided_ids": {"user_id": scope.user_id, "run_id": scope.run_id}},
            suggestion="Pass agent_id=..., or leave memory_type out.",
        )


def label_of(name: str, value: object) -> str:
    """Return a label such as a role, which must be text."""
    if not isinstance(value, str):
        raise ValidationError(f"`{name}` must be text, not {shown(value)}", details={name: value})
    return unicode_text(name, value)
