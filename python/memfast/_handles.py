"""Open stores of this process: handles on one path share the store and the history.

The store's settings are those of the handle that opened the store; the models that find facts are
each handle's own. The last handle that is closed closes the store; one that is dropped without
`close` counts no longer.
"""

from __future__ import annotations

import logging
import os
import threading
import weakref
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, cast

from memfast._context import Context, Swap, Understanding
from memfast._turns import Turns
from memfast.errors import (
    ConfigurationError,
    EmbedderMismatchError,
    MemfastError,
    StoreClosedError,
    StoreForkedError,
    UnsupportedError,
)
from memfast.stores.local import LocalStore
from memfast.stores.protocol import EmbedderIdentity, StoreSettings
from memfast.stores.registry import open_store, scheme_of

if TYPE_CHECKING:
    import duckdb

    from memfast._context import NamedEmbedder
    from memfast.config import MemoryConfig
    from memfast.history import History, Place
    from memfast.providers.rerankers import LoadedRerankers
    from memfast.stores.protocol import Durability, Selection, Store

log = logging.getLogger("memfast")

IN_MEMORY = ":memory:"
# Events that `close` brings into the history; after a large import the next `sql` does.
AT_CLOSE = 10_000


@dataclass(frozen=True, slots=True)
class Settings:
    """What a store is opened with, and all handles on it must agree on.

    Attributes:
        read_only: Nothing may be changed.
        durability: When a change is safe from a crash.
        cache_bytes: Bytes kept in memory; None is the default, and agrees with any.
        history_db_path: Where the history is kept; None keeps it in memory.
    """

    read_only: bool
    durability: Durability
    cache_bytes: int | None
    history_db_path: Place | None

    def agree(self, later: Settings, place: Path) -> None:
        """Raise ConfigurationError for the first setting that a later handle wants otherwise."""
        for name in ("read_only", "durability", "cache_bytes", "history_db_path"):
            mine, asked = getattr(self, name), getattr(later, name)
            if mine != asked and not (name == "cache_bytes" and asked is None):
                raise ConfigurationError(
                    f"{place}: the store is open in this process with {name}={mine}, and cannot "
                    f"be opened with {name}={asked} too",
                    details={"setting": name, "open": str(mine), "asked": str(asked)},
                    suggestion="Use the same settings, or close the memory that has it open.",
                )


@dataclass(frozen=True, slots=True)
class Embedder:
    """The embedder of a store.

    Attributes:
        spec: The setting that names it.
        model: It, or None for outside vectors.
        dim: Dimensions of outside vectors.
        space: Number of the space of its vectors.
    """

    spec: object
    model: NamedEmbedder | None
    dim: int | None = None
    space: int = 0


class Lock:
    """Held while handles of one path come and go; it may be taken again by its holder."""

    def __init__(self) -> None:
        self._lock = threading.RLock()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


class OpenStore:
    """A store with its history, for all handles of this process.

    Args:
        place: The directory, `:memory:`, or a URL.
        settings: What it is opened with.
        embedder: Its embedder.
        lock: The path's.
        key: Under which it is found; None for nowhere.
    """

    def __init__(
        self,
        place: Path | str,
        settings: Settings,
        embedder: Embedder,
        lock: Lock,
        key: str | None,
    ) -> None:
        self.place = str(place)
        self.settings = settings
        self.lock = lock
        self.handles: weakref.WeakSet[Handle] = weakref.WeakSet()
        self.store: Store = open_store(
            str(place),
            StoreSettings(
                identity_of(embedder.model, embedder.dim),
                read_only=settings.read_only,
                durability=settings.durability,
                cache_bytes=settings.cache_bytes,
            ),
        )
        self.embedder = replace(embedder, space=self.store.identity().space)
        self.swap = Swap()
        self.turns = Turns()
        # Embedders that gave way to others; calls under way may still use them.
        self._retired: list[NamedEmbedder | None] = []
        self.history = self._history()
        self._opened_at = self._last_seq()
        self._key = key
        self._directory: int | None = None
        # One that cannot be listed is not shared; the lock refuses a second handle.
        with suppress(OSError):
            if key is not None:
                # While it is open, no other directory can be taken for this one.
                self._directory = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
                self._release = weakref.finalize(self, os.close, self._directory)

    def is_at(self, place: Path) -> bool:
        """Return whether the directory at a place is still the one that was opened."""
        if self._directory is None:
            return False
        try:
            return os.path.samestat(place.stat(), os.fstat(self._directory))
        except OSError:
            return False

    def _history(self) -> History | None:
        """Return the projection for SQL; None for a store without one."""
        if not isinstance(self.store, LocalStore):
            return None
        from memfast.history import History

        return History(self.settings.history_db_path, self.store.engine)

    def _last_seq(self) -> int:
        return self.store.engine.last_seq() if isinstance(self.store, LocalStore) else 0

    def reset(self) -> None:
        """Delete everything."""
        with nullcontext() if self.history is None else self.history.forgotten():
            self.store.reset()
        self._opened_at = 0

    def change_embedder(self, spec: object, model: NamedEmbedder) -> None:
        """Take another embedder, after the store did."""
        with self.lock:
            self._retired.append(self.embedder.model)
            self.embedder = Embedder(spec, model, space=self.store.identity().space)

    def _behind(self) -> int:
        """Return how many events were committed since the store was opened; 0 in a fork."""
        try:
            return self._last_seq() - self._opened_at
        except StoreForkedError:
            return 0

    def shut(self) -> None:
        """Bring the history up to date, and close everything."""
        try:
            try:
                self._project()
            finally:
                if self.history is not None:
                    self.history.close()
        finally:
            for model in (*self._retired, self.embedder.model):
                close_model(model)
            self.store.close()
            if self._directory is not None:
                self._release()
            if self._key is not None and _STORES.get(self._key) is self:
                del _STORES[self._key]

    def _project(self) -> None:
        try:
            if self.history and self.history.is_kept and 0 < self._behind() <= AT_CLOSE:
                self.history.catch_up()
        except MemfastError as error:
            # The log has all of it, and the next `sql` brings the projection up to date.
            log.warning("the history was not brought up to date at close: %s", error)


class Handle:
    """One memory's hold of a store.

    Attributes:
        place: The store's path or URL.
        store: The store; once the handle is closed, an object that raises StoreClosedError.

    Args:
        opened: The open store.
        model: The store's embedder, or this handle's own of the same identity.
        understanding: How it finds facts.
        rerankers: How it orders hits again.
        vector_weight: What the number `vector` counts in its searches.
    """

    def __init__(
        self,
        opened: OpenStore,
        model: NamedEmbedder | None,
        understanding: Understanding,
        rerankers: LoadedRerankers,
        vector_weight: float | None,
    ) -> None:
        embedder = opened.embedder
        self.place = opened.place
        self.store: Store = opened.store
        self._opened = opened
        self._own = None if model is embedder.model else model
        context = Context(
            opened.store,
            model,
            embedder.space,
            self,
            understanding,
            opened.swap,
            opened.turns,
            rerankers,
            vector_weight,
        )
        self._seen = (embedder, context)
        self._closed = False

    @property
    def context(self) -> Context:
        """What a flow works on: with the embedder that the store has now, whoever changed it."""
        embedder, context = self._seen
        now = self._opened.embedder
        if embedder is not now:
            # A handle for outside vectors stays one.
            model = None if context.embedder is None else now.model
            context = replace(context, embedder=model, space=now.space)
            self._seen = (now, context)
        return context

    @property
    def embedder(self) -> NamedEmbedder | None:
        """The embedder that the store has now; None for vectors from outside."""
        return self._opened.embedder.model

    def sql(self, query: str, params: object, within: Selection | None) -> duckdb.DuckDBPyRelation:
        """Run one read-only SQL statement over the history; see `History.sql`.

        Raises:
            StoreClosedError: The handle was closed.
            UnsupportedError: The store keeps no history that SQL can read.
        """
        if self._closed:
            _CLOSED.fail()
        if self._opened.history is None:
            raise UnsupportedError("this store keeps no history that SQL can read")
        return self._opened.history.sql(query, params, within)

    def reset(self) -> None:
        """Delete everything in the store."""
        if self._closed:
            _CLOSED.fail()
        self._opened.reset()

    def change_embedder(self, spec: object, model: NamedEmbedder) -> None:
        """Take another embedder for all handles, after the store did."""
        self._opened.change_embedder(spec, model)
        embedder, context = self._opened.embedder, self._seen[1]
        self._seen = (embedder, replace(context, embedder=model, space=embedder.space))

    def models(self) -> list[object]:
        """Return the models that no other handle uses; None stands for no model."""
        with self._opened.lock:
            others = [handle for handle in self._opened.handles if handle is not self]
        shared = [] if others else [self._opened.embedder.model]
        return [*self._models(), *shared]

    def _models(self) -> list[object]:
        """Return the models that are this handle's alone."""
        context = self._seen[1]
        return [self._own, context.understanding.llm, context.rerankers]

    def close(self) -> None:
        """Give up the hold; the last one closes the store. Closing twice has no effect."""
        opened = self._opened
        with opened.lock:
            if self._closed:
                return
            self._closed = True
            self.store = cast("Store", _CLOSED)
            embedder, context = self._seen
            self._seen = (embedder, replace(context, store=self.store))
            opened.handles.discard(self)
            try:
                if not len(opened.handles):
                    opened.shut()
                elif not opened.settings.read_only:
                    # What this handle changed is durable when its `close` returns; a fork
                    # changed nothing.
                    with suppress(StoreForkedError):
                        opened.store.flush()
            finally:
                for model in self._models():
                    close_model(model)


class _Closed:
    """Takes the place of the store in a handle that was closed."""

    def fail(self) -> NoReturn:
        """Raise StoreClosedError."""
        raise StoreClosedError("the memory is closed; open it again")

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            # Tools look for special methods; only a call of the store is an error.
            raise AttributeError(name)
        self.fail()


_CLOSED = _Closed()
_STORES: weakref.WeakValueDictionary[str, OpenStore] = weakref.WeakValueDictionary()
_LOCKS: weakref.WeakValueDictionary[str, Lock] = weakref.WeakValueDictionary()
_GUARD = threading.Lock()


def open_handle(
    place: Path | str,
    settings: Settings,
    spec: object,
    dim: int | None,
    understanding: Understanding,
    *,
    rerankers: LoadedRerankers,
    vector_weight: float | None,
) -> Handle:
    """Open a store, or join those who have it open in this process.

    Args:
        place: The absolute path of its directory; or `:memory:` or a URL, which are never shared.
        settings: What it is opened with.
        spec: The embedder's setting; None for outside vectors.
        dim: Dimensions of outside vectors.
        understanding: How the handle finds facts.
        rerankers: How it orders hits again.
        vector_weight: What the number `vector` counts in its searches.

    Raises:
        ConfigurationError: The store is open in this process with other settings.
        EmbedderMismatchError: The store's vectors come from another embedder.
        StoreLockedError: Another process has it open.
    """
    from memfast.providers import load_embedder

    alone = isinstance(place, str) or str(place) == IN_MEMORY
    key = None if alone else os.path.realpath(place)
    with _GUARD:
        lock = Lock() if key is None else _LOCKS.setdefault(key, Lock())
    with lock:
        store = None if key is None else _STORES.get(key)
        if store is not None and len(store.handles) and store.is_at(Path(place)):
            store.settings.agree(settings, Path(place))
            model = store.embedder.model
            if not _same(spec, store.embedder.spec):
                model = load_embedder(spec)
                _check_identity(store.store, model, dim)
        else:
            model = load_embedder(spec)
            store = OpenStore(place, settings, Embedder(spec, model, dim), lock, key)
            if key is not None:
                _STORES[key] = store
        handle = Handle(store, model, understanding, rerankers, vector_weight)
        store.handles.add(handle)
        return handle


def open_memory(config: MemoryConfig) -> Handle:
    """Open the store that checked settings name, with the models of this handle.

    Raises:
        ConfigurationError: A setting is wrong, or the store is open here with other settings.
        EmbedderMismatchError: The store's vectors come from another embedder.
        StoreLockedError: Another process has it open.
    """
    from memfast.config import default_path, place_of
    from memfast.history.files import choose_place
    from memfast.providers import load_llm
    from memfast.providers.rerankers import LoadedRerankers

    place: Path | str
    history: Place | None = None
    if config.path is not None and scheme_of(str(config.path)):
        place = str(config.path)
    else:
        place = default_path() if config.path is None else place_of(config.path, "path")
    if isinstance(place, Path) and str(place) != IN_MEMORY:
        # The program may change its directory.
        place = place.absolute()
        named = config.history_db_path
        if named is not None and str(named) != IN_MEMORY:
            named = place_of(named, "history_db_path").resolve()
        history = choose_place(place.resolve(), named)
    llm = load_llm(config.llm)
    understanding = Understanding(
        llm,
        keep_messages=config.keep_messages,
        strategy=config.strategy,
        timestamps=config.timestamps,
        while_pending=config.while_pending,
        secrets=config.secrets,
        reach=config.reconcile_scope,
        earlier=(config.earlier_messages, config.earlier_characters),
        instructions=config.custom_instructions,
        extraction=config.custom_fact_extraction_prompt,
        reconciliation=config.custom_update_memory_prompt,
    )
    settings = Settings(
        read_only=config.read_only,
        durability=config.durability,
        cache_bytes=config.cache_bytes,
        history_db_path=None if config.read_only else history,
    )
    rerankers = LoadedRerankers(config.reranker, llm)
    return open_handle(
        place,
        settings,
        config.embedder,
        config.dim,
        understanding,
        rerankers=rerankers,
        vector_weight=config.vector_weight,
    )


def _same(one: object, other: object) -> bool:
    """Return whether two settings name the same embedder."""
    if isinstance(one, str | Mapping) and isinstance(other, str | Mapping):
        return one == other
    return one is other


def _check_identity(store: Store, model: NamedEmbedder | None, dim: int | None) -> None:
    """Raise EmbedderMismatchError if a model did not make an open store's vectors."""
    asked = identity_of(model, dim)
    if asked is None:
        return
    identity = store.identity()
    held = EmbedderIdentity(identity.embedder, identity.dim, identity.fingerprint)
    same_size = asked.dim == held.dim or not (asked.dim and held.dim)
    if (asked.name, asked.fingerprint) == (held.name, held.fingerprint) and same_size:
        return
    stored, given = (
        f"{one.name or 'vectors from outside'}, {one.dim} dimensions" for one in (held, asked)
    )
    raise EmbedderMismatchError(
        f"the store is open in this process and holds vectors of embedder `{stored}`, and cannot "
        f"be opened with `{given}`; open it with `{stored}` (or `embedder=None`) and call "
        "`memory.reembed(embedder=...)` to change over",
        details={"stored": stored, "given": given},
    )


def identity_of(model: NamedEmbedder | None, dim: int | None) -> EmbedderIdentity | None:
    """Return the identity of an embedder; None takes the one that the store has."""
    if model is not None:
        return EmbedderIdentity(model.name, model.dim or 0, model.fingerprint)
    return EmbedderIdentity("", dim, "") if dim else None


def close_model(model: object) -> None:
    """Close a model; an object that was passed in stays open, and belongs to its owner."""
    if (close := getattr(model, "close", None)) is not None:
        close()


def described(name: str, handle: Handle) -> str:
    """Return path, embedder and rows of a memory, for its `repr`."""
    try:
        rows = handle.store.stats()["records"]
        model = handle.context.embedder
        embedder = getattr(model, "name", None) or handle.store.identity().embedder
    except StoreClosedError:
        return f"{name}({handle.place!r}, closed)"
    except MemfastError as error:
        return f"{name}({handle.place!r}, {type(error).__name__})"
    return f"{name}({handle.place!r}, embedder={embedder!r}, rows={rows})"


def _forked() -> None:
    """Begin with no store: those of the parent are not the child's to join.

    A thread that held a lock is not there in the child.
    """
    global _GUARD  # noqa: PLW0603 - a lock cannot be renewed in place
    _GUARD = threading.Lock()
    for store in list(_STORES.values()):
        store.lock = Lock()
    _STORES.clear()
    _LOCKS.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
