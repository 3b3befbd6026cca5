"""The folder of a Qdrant client in local mode, which is where mem0 keeps its memories.

meta.json                           collections and their settings
.lock                               held by the process that has the folder open
collection/NAME/storage.sqlite      the points
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from memfast.errors import StoreLockedError, ValidationError

log = logging.getLogger("memfast")

META = "meta.json"
STORAGE = "storage.sqlite"
DEFAULT = "mem0"
# Collections of mem0 that hold no memories: the id of its telemetry, and entities of the texts.
TELEMETRY = "mem0migrations"
ENTITIES = "_entities"


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection of a folder.

    Attributes:
        root: The folder.
        name: Its name.
        file: Its SQLite file.
        dim: Dimensions of its vectors; None if meta.json does not say.
    """

    root: Path
    name: str
    file: Path
    dim: int | None


def find_collection(path: Path) -> Collection:
    """Return the collection that holds mem0's memories, or the one whose folder `path` is.

    Raises:
        ValidationError: There is no collection, or there are several without mem0's default name.
    """
    if (path / STORAGE).is_file():
        folder = path.resolve()
        root = folder.parents[1] if len(folder.parents) > 1 else folder
        settings = _collections(root) if (root / META).is_file() else {}
        return Collection(root, folder.name, folder / STORAGE, _dim(settings.get(folder.name)))
    if not (path / META).is_file():
        raise ValidationError(
            f"{path} is not a mem0 store: it has no {META}",
            details={"path": str(path)},
            suggestion="Name the folder that mem0 has as the path of its vector store.",
        )
    settings = _collections(path)
    names = [name for name in settings if not _is_companion(name, settings)]
    if len(names) != 1 and DEFAULT not in names:
        found = ", ".join(repr(name) for name in sorted(names)) or "none"
        raise ValidationError(
            f"{path} has no collection {DEFAULT!r}, and no single other one; it has {found}",
            details={"path": str(path), "collections": sorted(names)},
            suggestion=f"Name the folder of one: {path / 'collection' / 'NAME'}."
            if names
            else None,
        )
    name = DEFAULT if DEFAULT in names else names[0]
    if others := sorted(set(names) - {name}):
        log.warning("%s: other collections were skipped: %s", path, ", ".join(others))
    base = (path / "collection").resolve()
    folder = (base / name).resolve()
    if folder == base or not folder.is_relative_to(base):
        raise ValidationError(f"{path / META} names a collection outside the folder: {name!r}")
    if not (folder / STORAGE).is_file():
        raise ValidationError(
            f"{path} has no file {STORAGE} for its collection {name!r}",
            details={"path": str(path)},
            suggestion="Stores of qdrant-client before 1.1.7 are opened once with a later one.",
        )
    return Collection(path, name, folder / STORAGE, _dim(settings[name]))


def _collections(root: Path) -> dict[str, object]:
    try:
        meta = json.loads((root / META).read_bytes())
        return dict(meta["collections"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValidationError(
            f"{root / META} is not that of a Qdrant client: {type(error).__name__}: {error}",
            details={"path": str(root)},
        ) from error


def _is_companion(name: str, names: dict[str, object]) -> bool:
    return name == TELEMETRY or (name.endswith(ENTITIES) and (name.removesuffix(ENTITIES) in names))


def _dim(settings: object) -> int | None:
    vectors = settings.get("vectors") if isinstance(settings, dict) else None
    if isinstance(vectors, dict) and "size" not in vectors:
        vectors = vectors.get("") or (next(iter(vectors.values())) if len(vectors) == 1 else None)
    size = vectors.get("size") if isinstance(vectors, dict) else None
    return size if isinstance(size, int) else None


@contextmanager
def hold(root: Path) -> Iterator[None]:
    """Keep mem0 from opening the folder meanwhile, as it keeps others out.

    Raises:
        StoreLockedError: A running mem0 has it open.
    """
    path = root / ".lock"
    if not path.is_file():
        # A copy without a lock file is open in no process.
        yield
        return
    with path.open("rb") as file:
        try:
            if sys.platform == "win32":
                # There a locked file cannot be read.
                file.read(1)
            else:
                import fcntl

                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError) as error:
            raise StoreLockedError(
                f"{root} is open in a running mem0",
                details={"path": str(root)},
                suggestion="Close it there, or copy the folder while it is closed.",
            ) from error
        yield
