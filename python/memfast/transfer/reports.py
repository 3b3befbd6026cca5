"""Reports of imports and exports."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Numbers of an import.

    Attributes:
        rows: Rows that were read: `added + skipped + rejected`.
        added: Memories that are new in the store.
        skipped: Rows that the store had already.
        rejected: Bad rows, which are in the reject file.
        embedded: Texts without a vector, which the embedder of this memory embedded.
        seconds: How long it took.
    """

    rows: int
    added: int
    skipped: int
    rejected: int
    embedded: int
    seconds: float


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export wrote.

    Attributes:
        rows: Memories written.
        path: The file.
    """

    rows: int
    path: Path
