"""`optimize`, `stats`, `flush`, `reembed` and `reset`: the store as a whole."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from memfast._flows.capabilities import engine_of
from memfast._steps import Flow, work
from memfast.errors import ValidationError
from memfast.stores.protocol import EmbedderIdentity

if TYPE_CHECKING:
    from memfast._context import Context
    from memfast.types import StoreStats


def optimize(
    context: Context, progress: bool | Callable[[str, int, int], object] | None = None
) -> Flow[None]:
    """Run maintenance now, which otherwise happens little by little in the background.

    Vectors are merged into one segment, and the approximate index for searches over the
    whole store is built or brought up to date. Other calls run meanwhile. It is safe to
    interrupt at any moment.

    Args:
        progress: True shows a bar on stderr, a function is called with the stage ("merge" or
            "index"), rows done and rows in all. Default: a bar if stderr is a terminal.

    Raises:
        UnsupportedError: The store needs no maintenance.
    """
    from memfast.transfer.progress import stages

    def optimized() -> None:
        engine = engine_of(context, "maintenance", "optimize")
        with stages(progress) as report:
            engine.optimize(report)

    return work(optimized)


def stats(context: Context) -> Flow[StoreStats]:
    """Return what the store is made of.

    `records` and `events`; `segments`, `segment_bytes` and `write_buffer` (vectors not in a
    segment yet); `cache_bytes` in memory; `index`: `rows`, `bytes` and how many events it is
    `behind`, or None; `trouble`: the last failure of maintenance in the background, or None.
    """
    return work(context.store.stats)


def flush(context: Context) -> Flow[None]:
    """Make all changes so far safe from a crash, where `durability` does not already."""
    return work(context.store.flush)


def reembed(context: Context, embedder: object) -> Flow[int]:
    """Change to another embedder; return how many texts this call embedded.

    The old vectors serve until all new ones are there. An interrupted call continues where it
    stopped when it is made again.

    Args:
        embedder: The new embedder, as `Memory` takes it.

    Raises:
        ValidationError: No embedder is named.
        UnsupportedError: The store cannot change its embedder.
    """

    def changed() -> int:
        from memfast._flows.reembed import reembed, width_of
        from memfast.providers import load_embedder

        engine = engine_of(context, "reembed", "reembed")
        model = load_embedder(embedder)
        if model is None:
            raise ValidationError("reembed needs an embedder, not None")
        identity = EmbedderIdentity(model.name, model.dim or width_of(model), model.fingerprint)
        serve = partial(context.owner.change_embedder, embedder, model)
        return reembed(engine, model, identity, context.swap, serve)

    return work(changed)


def reset(context: Context) -> Flow[None]:
    """Delete everything: all memories of all scopes and their history."""
    return work(context.owner.reset)
