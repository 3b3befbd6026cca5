"""The engine of memfast, in Rust."""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeAlias, final

__all__ = [
    "ArrowRows",
    "Engine",
    "EventStream",
    "Export",
    "MemoryField",
    "Prepared",
    "ReembedStep",
    "RowReader",
    "StaticEmbedder",
    "memory_fields",
    "never_drop",
    "scope_id",
    "stored_metadata",
]

_Scope: TypeAlias = tuple[list[str] | None, list[str] | None, list[str] | None]
_Embedder: TypeAlias = tuple[str, int, str]
# The id of a memory, the event, and the text that the memory had before.
_Outcome: TypeAlias = tuple[str, str, str | None]

def memory_fields() -> list[MemoryField]: ...
def never_drop(object: object) -> None: ...
def scope_id(name: str, id: str) -> str: ...
def stored_metadata(metadata: dict[str, Any]) -> dict[str, Any]: ...

@final
class MemoryField:
    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> Literal["text", "instant", "day", "texts", "object"]: ...
    @property
    def in_dicts(self) -> Literal["always", "where set", "of messages", "never"]: ...
    @property
    def filterable(self) -> bool: ...
    @property
    def in_history(self) -> bool: ...
    @property
    def is_identity(self) -> bool: ...
    @property
    def since(self) -> int: ...

@final
class Engine:
    def __new__(
        cls,
        path: str | os.PathLike[str],
        embedder: _Embedder | None = None,
        *,
        read_only: bool = False,
        durability: str = "commit",
        cache_bytes: int | None = None,
    ) -> Engine: ...
    def close(self) -> None: ...
    def flush(self) -> None: ...
    def optimize(self, progress: Callable[[str, int, int], object] | None = None) -> None: ...
    def stats(self) -> dict[str, Any]: ...
    def identity(self) -> dict[str, Any]: ...
    def last_seq(self) -> int: ...
    def apply(
        self,
        ops: Sequence[dict[str, Any]],
        vectors: object = None,
        space: int | None = None,
        pending: Sequence[dict[str, Any]] = ...,
        settled: Sequence[int] = ...,
        receipt: Mapping[str, str] | None = None,
    ) -> list[_Outcome]: ...
    def apply_each(
        self,
        batches: Sequence[
            tuple[
                Sequence[dict[str, Any]],
                object,
                int | None,
                Sequence[dict[str, Any]],
                Sequence[int],
                Mapping[str, str] | None,
            ]
        ],
    ) -> list[list[_Outcome] | Exception]: ...
    def signed(self, receipt: Mapping[str, str]) -> tuple[list[str | None], str] | None: ...
    def pending(self, scope: _Scope) -> list[dict[str, Any]]: ...
    def vectors(self, ids: Sequence[str]) -> list[bytes | None]: ...
    def delete_all(self, scope: _Scope, filter: Mapping[str, Any] | None = None) -> int: ...
    def reset(self) -> None: ...
    def get_many(self, ids: Sequence[str]) -> list[dict[str, Any] | None]: ...
    def get(self, id: str) -> dict[str, Any] | None: ...
    def sources(self, id: str) -> list[dict[str, Any]]: ...
    def scan(
        self,
        scope: _Scope,
        filter: Mapping[str, Any] | None = None,
        *,
        show_expired: bool = False,
        include_superseded: bool = False,
        include_messages: bool = False,
        after: tuple[int, int] | None = None,
        limit: int = 100,
    ) -> tuple[list[dict[str, Any]], tuple[int, int] | None]: ...
    def slice(
        self,
        scope: _Scope,
        filter: Mapping[str, Any] | None = None,
        *,
        show_expired: bool = False,
        include_superseded: bool = False,
        include_messages: bool = False,
        sort: str | None = None,
        descending: bool = False,
        offset: int = 0,
        limit: int = 100,
    ) -> tuple[list[dict[str, Any]], int]: ...
    def count(
        self,
        scope: _Scope,
        filter: Mapping[str, Any] | None = None,
        *,
        show_expired: bool = False,
        include_superseded: bool = False,
        include_messages: bool = False,
    ) -> int: ...
    def rows_at_hand(
        self,
        scope: _Scope,
        filter: Mapping[str, Any] | None = None,
        *,
        exact_scope: bool = False,
    ) -> int | None: ...
    def search(
        self,
        scope: _Scope,
        query: object,
        filter: Mapping[str, Any] | None = None,
        *,
        limit: int = 100,
        threshold: float | None = None,
        show_expired: bool = False,
        include_superseded: bool = False,
        include_messages: bool = False,
        exact: bool = False,
        ef: int | None = None,
        space: int | None = None,
    ) -> list[dict[str, Any]]: ...
    def search_many(
        self,
        scope: _Scope,
        queries: object,
        filter: Mapping[str, Any] | None = None,
        *,
        limit: int = 100,
        threshold: float | None = None,
        show_expired: bool = False,
        include_superseded: bool = False,
        include_messages: bool = False,
        exact: bool = False,
        ef: int | None = None,
        space: int | None = None,
        exact_scope: bool = False,
    ) -> list[list[dict[str, Any]]]: ...
    def history(self, id: str) -> list[dict[str, Any]]: ...
    def log_state(self, seq: int) -> tuple[str, int, str | None]: ...
    def events_arrow(
        self, after_seq: int, limit: int
    ) -> tuple[str, int, str | None, EventStream]: ...
    def export(
        self,
        scope: _Scope,
        filter: Mapping[str, Any] | None = None,
        *,
        vectors: bool = True,
    ) -> Export: ...
    def reembed_begin(self, embedder: _Embedder) -> None: ...
    def reembed_next(self, limit: int) -> ReembedStep: ...
    def reembed_put(self, step: ReembedStep, vectors: object = None) -> None: ...
    def reembed_finish(self) -> bool: ...

@final
class EventStream:
    def __len__(self) -> int: ...
    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...

@final
class Export:
    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...
    @property
    def names(self) -> list[str]: ...
    def json_lines(self, limit: int) -> tuple[str, int] | None: ...
    def fields(self, limit: int) -> list[list[str | None]]: ...
    def events_arrow(self, limit: int) -> EventStream: ...
    def events(self, limit: int) -> list[dict[str, Any]]: ...

@final
class ArrowRows:
    def __new__(cls, source: object) -> ArrowRows: ...
    @property
    def names(self) -> list[str]: ...
    @property
    def taken(self) -> int: ...

@final
class RowReader:
    def __new__(
        cls,
        *,
        columns: Mapping[str, str],
        keys: Sequence[str] | None,
        scope: tuple[str | None, str | None, str | None],
        dim: int,
        embeds: bool,
        on_conflict: str,
        max_row_bytes: int,
    ) -> RowReader: ...
    @staticmethod
    def parts() -> list[str]: ...
    @property
    def left_out(self) -> int: ...
    def check(self, rows: ArrowRows) -> None: ...
    def arrow(self, rows: ArrowRows, limit: int, vectors: object = None) -> Prepared | None: ...
    def dicts(
        self, rows: list[Any], lines: Sequence[int] | None = None, vectors: object = None
    ) -> Prepared: ...

@final
class Prepared:
    @property
    def rows(self) -> int: ...
    @property
    def rejects(self) -> list[tuple[int, str, str | None]]: ...
    def leave_out_known(self, engine: Engine) -> int: ...
    def texts(self, limit: int) -> list[str]: ...
    def give_vectors(self, vectors: object) -> None: ...
    def take_back_vectors(self) -> None: ...
    def commit(self, engine: Engine, space: int) -> tuple[int, int]: ...

@final
class ReembedStep:
    def __len__(self) -> int: ...
    @property
    def texts(self) -> list[str]: ...

@final
class StaticEmbedder:
    def __new__(cls, directory: str | os.PathLike[str]) -> StaticEmbedder: ...
    @property
    def dim(self) -> int: ...
    @property
    def fingerprint(self) -> str: ...
    def embed(self, texts: Sequence[str]) -> bytes: ...
