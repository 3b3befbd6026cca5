"""The columns of a source, and the part of a memory that each holds."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from memfast._core import RowReader
from memfast.errors import ConfigurationError, ValidationError, shown

Columns = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class Mapped:
    """The names that a caller gave.

    Attributes:
        names: Part of a memory to the column that holds it.
        keys: Columns that become metadata; None for all that hold nothing else.
    """

    names: dict[str, str]
    keys: list[str] | None

    def column(self, part: str) -> str:
        """Return the column that holds a part."""
        return self.names.get(part, part)


def read_columns(columns: Columns | None) -> Mapped:
    """Check the argument `columns`.

    Raises:
        ValidationError: A part is unknown, or a column is not text or is given for two parts.
    """
    if columns is not None and not isinstance(columns, Mapping):
        raise ValidationError(
            f"columns must be a dict of parts and columns, not {shown(columns)}",
            suggestion='Pass for example {"memory": "text", "user_id": "uid"}.',
        )
    known = RowReader.parts()
    names: dict[str, str] = {}
    keys: list[str] | None = None
    for part, column in dict[object, object](columns or {}).items():
        if part not in known:
            near = difflib.get_close_matches(str(part), known, n=1)
            raise ValidationError(
                f"columns: {shown(part)} is not a part of a memory"
                + (f"; did you mean {near[0]!r}?" if near else ""),
                details={"known": known},
                suggestion=f"Known parts: {', '.join(known)}.",
            )
        if isinstance(column, str):
            if column in names.values():
                raise ValidationError(f"columns: column {shown(column)} is given for two parts")
            names[part] = unicode_name(column)
        elif (
            part == "metadata"
            and isinstance(column, Collection)
            and all(isinstance(name, str) for name in column)
        ):
            keys = [unicode_name(name) for name in column]
        else:
            raise ValidationError(
                f"columns: {shown(part)} must name one column, not {shown(column)}",
                suggestion="Only metadata may be a list of columns.",
            )
    return Mapped(names, keys)


def unicode_name(column: str) -> str:
    """Return the name of a column.

    Raises:
        ValidationError: It holds a lone surrogate, as no source can.
    """
    if not column.isascii() and any("\ud800" <= letter <= "\udfff" for letter in column):
        raise ValidationError(f"columns: {shown(column)} holds a lone surrogate")
    return column


def check_header(where: str, names: Sequence[str], mapped: Mapped) -> None:
    """Check that a source has the columns that were named, and one for the text.

    Raises:
        ValidationError: A column is missing, or two have one name; lists the columns found.
    """
    found = ", ".join(repr(name) for name in names) or "none"
    for name in names:
        if list(names).count(name) > 1:
            raise ValidationError(f"{where} has two columns {name!r}", details={"columns": names})
    for part, column in {"memory": "memory", **mapped.names}.items():
        if column not in names:
            raise ValidationError(
                f"{where} has no column {column!r} for {part}; its columns are {found}",
                details={"columns": list(names)},
                suggestion=f'Name it with columns={{"{part}": "..."}}.',
            )
    for key in mapped.keys or ():
        if key not in names:
            raise ValidationError(
                f"{where} has no column {key!r} for metadata; its columns are {found}",
                details={"columns": list(names)},
            )


def check_vectors(
    where: str, names: Sequence[str] | None, mapped: Mapped, *, asked: bool = False
) -> None:
    """Check that a source has vectors, which are asked for or needed for lack of an embedder.

    Raises:
        ConfigurationError: It has no column of vectors.
    """
    if names is not None and mapped.column("vector") not in names:
        why = "vectors=True asks for it" if asked else "this memory was opened with embedder=None"
        raise ConfigurationError(
            f"{where} has no column {mapped.column('vector')!r}, and {why}",
            suggestion='Pass vectors=..., name the column with columns={"vector": "..."}, or open '
            "the memory with an embedder.",
        )
