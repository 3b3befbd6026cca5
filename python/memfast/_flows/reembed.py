"""`reembed`: the vectors of another embedder, built beside the old ones and swapped in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from memfast._steps import Context, Embed, Flow

BATCH = 1024


def reembed(
    context: Context, identity: tuple[str, int, str], serve: Callable[[], None]
) -> Flow[int]:
    """Embed every memory and message again; returns how many were in this call.

    What an interrupted call committed is not done again. Changes of one store wait for each other.

    Args:
        context: The engine, and the new embedder.
        identity: The new embedder's.
        serve: Gives the new embedder to the calls from here on. Calls that the engine refuses
            because they had the old one wait until it has returned.
    """
    engine: Any = context.engine
    with context.swap.building:
        engine.reembed_begin(identity)
        done = 0
        while True:
            with context.swap.serving:
                if engine.reembed_finish():
                    serve()
                    return done
            step = engine.reembed_next(BATCH)
            texts = step.texts
            vectors = (yield Embed(texts)) if texts else None
            count = len(step)
            engine.reembed_put(step, vectors)
            done += count


def width_of(model: Any) -> int:
    """Return the dimensions of an embedder that does not state them."""
    vectors = model.embed(["dimensions"])
    return int(vectors.shape[1]) if hasattr(vectors, "shape") else len(vectors[0])
