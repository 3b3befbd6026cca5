"""`reembed`: the vectors of another embedder, built beside the old ones and swapped in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from memfast._context import EmbedderLike, Swap
    from memfast._core import Engine
    from memfast.stores.protocol import EmbedderIdentity

BATCH = 1024


def reembed(
    engine: Engine,
    model: EmbedderLike,
    identity: EmbedderIdentity,
    swap: Swap,
    serve: Callable[[], None],
) -> int:
    """Embed every memory and message again; return how many were in this call.

    What an interrupted call committed is not done again. Changes of one store wait for each other.

    Args:
        engine: The store.
        model: The new embedder.
        identity: The new embedder's.
        swap: The locks of the store.
        serve: Gives the new embedder to the calls from here on. Calls that the store refuses
            because they had the old one wait until it has returned.
    """
    with swap.building:
        engine.reembed_begin(identity)
        done = 0
        while True:
            with swap.serving:
                if engine.reembed_finish():
                    serve()
                    return done
            step = engine.reembed_next(BATCH)
            texts = step.texts
            count = len(step)
            engine.reembed_put(step, model.embed(texts) if texts else None)
            done += count


def width_of(model: EmbedderLike) -> int:
    """Return the dimensions of an embedder that does not state them."""
    vectors = model.embed(["dimensions"])
    shape = cast("tuple[int, ...] | None", getattr(vectors, "shape", None))
    return shape[1] if shape else len(vectors[0])
