"""`reembed`: the vectors of another embedder, built beside the old ones and swapped in."""

from __future__ import annotations

from typing import Any

from memfast._steps import Context, Embed, Flow

BATCH = 1024


def reembed(context: Context, identity: tuple[str, int, str]) -> Flow[int]:
    """Embed every memory and message anew; returns how many were in this call.

    The context holds the new embedder. What an interrupted call committed is not done again.
    """
    engine: Any = context.engine
    engine.reembed_begin(identity)
    done = 0
    while not engine.reembed_finish():
        step = engine.reembed_next(BATCH)
        texts = step.texts
        vectors = (yield Embed(texts)) if texts else None
        count = len(step)
        engine.reembed_put(step, vectors)
        done += count
    return done
