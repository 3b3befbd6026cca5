"""Keys inside settings: wrapped so that no dump, log or repr shows them, and unwrapped for use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from pydantic import SecretStr

from memfast.errors import ConfigurationError

# Settings that hold a key, or name a place together with a password.
KEYED = re.compile(
    r"key|token|secret|passw|credential|authoriz|service_account|prox|headers", re.IGNORECASE
)
DEPTH = 32
VALUES = 10_000


def hide(value: Any, name: str) -> Any:
    """Return a copy of a setting in which each key is a `SecretStr`.

    Args:
        value: A setting: text, numbers, objects, and dicts and lists of these.
        name: Its name, for errors.

    Raises:
        ConfigurationError: It holds itself, is nested too deeply or too large, or holds text that
            UTF-8 cannot express.
    """
    return _hide(value, name, count(1), depth=0, keyed=False)


def _hide(value: Any, name: str, counted: Iterator[int], *, depth: int, keyed: bool) -> Any:
    if depth > DEPTH or next(counted) > VALUES:
        raise ConfigurationError(
            f"configuration key {name!r:.80} is nested deeper than {DEPTH} levels, holds itself, "
            f"or holds more than {VALUES:,} values",
            details={"key": name},
            suggestion="Write plain dicts and lists that do not hold themselves.",
        )
    if isinstance(value, str):
        check_text(value, name)
        return SecretStr(value) if keyed and value else value
    if isinstance(value, Mapping):
        return {
            key: _hide(
                inner,
                f"{name}.{key}",
                counted,
                depth=depth + 1,
                keyed=keyed or KEYED.search(str(key)) is not None,
            )
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_hide(one, name, counted, depth=depth + 1, keyed=keyed) for one in value]
    return value


def check_text(text: str, name: str) -> None:
    """Raise ConfigurationError for text that UTF-8 cannot express."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ConfigurationError(
            f"configuration key {name!r:.80} holds half of a character at {error.start}",
            details={"key": name},
            suggestion="Write valid Unicode text, without unpaired surrogates.",
        ) from None


def reveal(value: Any) -> Any:
    """Return a copy of a hidden setting with the keys as plain text."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, Mapping):
        return {key: reveal(inner) for key, inner in value.items()}
    return [reveal(one) for one in value] if isinstance(value, list | tuple) else value


def dumped(value: Any) -> Any:
    """Return a hidden setting as JSON has it: stars for keys, the class of an object."""
    if isinstance(value, Mapping):
        return {str(key): dumped(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [dumped(one) for one in value]
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, SecretStr):
        return str(value)
    return f"{type(value).__module__}.{type(value).__qualname__}"
