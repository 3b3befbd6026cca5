"""Names of file formats, and the packages that read and write them."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from memfast.errors import DependencyError, ValidationError

SUFFIXES = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".jsonl.gz": "jsonl",
}


def suffix_of(path: Path) -> str:
    """Return the suffix that says the format of a file, with `.gz` if it is packed."""
    ends = [end.lower() for end in path.suffixes]
    return "".join(ends[-2:] if ends[-1:] == [".gz"] else ends[-1:])


def format_of(path: Path, given: str | None, known: frozenset[str]) -> str:
    """Return the format of a file: the one given, or that of its name.

    Raises:
        ValidationError: The format is not one of `known`.
    """
    found = given or SUFFIXES.get(suffix_of(path))
    if found not in known:
        names = ", ".join(repr(name) for name in sorted(known))
        what = f"format {given!r}" if given else f"the type of {str(path)!r}"
        raise ValidationError(
            f"{what} is not known",
            details={"path": str(path), "format": given},
            suggestion=f"End the name in {', '.join(SUFFIXES)}, or pass format= one of {names}.",
        )
    return str(found)


def load_parquet() -> tuple[ModuleType, ModuleType]:
    """Return `pyarrow` and `pyarrow.parquet`.

    Raises:
        DependencyError: pyarrow is missing; names the extra to install.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise DependencyError(
            'Parquet files need pyarrow; run `pip install "memfast[parquet]"`',
            details={"package": "pyarrow"},
        ) from error
    return pa, pq
