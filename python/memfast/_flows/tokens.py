"""Counters of tokens."""

from __future__ import annotations

from collections.abc import Callable

from memfast._flows.checks import integer
from memfast.errors import ConfigurationError, DependencyError, ValidationError, shown

BYTES = 3


def by_bytes(text: str) -> int:
    """Return a third of the bytes in UTF-8, rounded up: the tokens of most models are longer.

    >>> by_bytes("four"), by_bytes("")
    (2, 0)
    """
    return -(-len(text.encode("utf-8", "replace")) // BYTES)


def counter_of(tokenizer: object) -> Callable[[str], int]:
    """Return what counts the tokens of a text.

    Args:
        tokenizer: None for `by_bytes`, a function from text to a number, or the name of an
            encoding of tiktoken.

    Raises:
        ValidationError: It is something else.
        ConfigurationError: tiktoken has no such encoding, or cannot load it.
        DependencyError: tiktoken is missing.
    """
    if tokenizer is None:
        return by_bytes
    if isinstance(tokenizer, str):
        return _of_tiktoken(tokenizer)
    if not callable(tokenizer):
        raise ValidationError(
            f"tokenizer must be a function or the name of an encoding, not {shown(tokenizer)}",
            details={"tokenizer": tokenizer},
        )
    call: Callable[[str], object] = tokenizer

    def count(text: str) -> int:
        number = integer(counted := call(text))
        if number is None or number < 0:
            raise ValidationError(
                f"the tokenizer must return a whole number from 0, not {shown(counted)}",
                suggestion="Return how many tokens the text has, such as len(encode(text)).",
            )
        return number

    return count


def _of_tiktoken(name: str) -> Callable[[str], int]:
    try:
        import tiktoken
    except ImportError as error:
        raise DependencyError(
            f"the tokenizer {name!r:.80} needs tiktoken; run `pip install tiktoken`",
            details={"tokenizer": name},
        ) from error
    try:
        encoding = tiktoken.get_encoding(name)
    except Exception as error:
        # An unknown name, or a file that it could not load.
        raise ConfigurationError(
            f"tiktoken has no encoding {name!r:.80}, or cannot load it: {error}",
            details={"tokenizer": name},
            suggestion="Name an encoding such as o200k_base, or pass a function.",
        ) from error
    # A special token in a memory is text like any other.
    return lambda text: len(encoding.encode(text, disallowed_special=()))
