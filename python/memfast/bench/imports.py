"""Fill a store: rows with vectors, text with the default embedder, and the index."""

from __future__ import annotations

import shutil
from pathlib import Path
from time import perf_counter

from memfast.bench.data import Chunk, Synthetic
from memfast.bench.plan import Plan
from memfast.bench.result import Limit, Result, Tier
from memfast.bench.sampling import summary
from memfast.bench.store import build_index, fill, import_chunk, open_store
from memfast.memory import Memory
from memfast.providers.static import StaticEmbedder

VECTORS, TEXT, EMBEDDER, INDEX = "import.vectors", "import.text", "embedder", "index.build"
NAMES = (VECTORS, TEXT, EMBEDDER, INDEX)
TEXT_CAP = 20_000
TEXT_PIECE = 5_000
# Smaller stores are filled several times, as one filling gives one sample.
ONE_FILLING = 20_000


def measure_vectors(path: Path, plan: Plan, write_mb: float) -> tuple[Result, int]:
    """Fill the store at `path`; return the measure and the length of all texts.

    Args:
        path: Directory of the store.
        plan: Its content, and how it is measured.
        write_mb: Sequential write rate of the disk in MB/s.
    """
    data, tier = plan.data, plan.tier
    rates: list[float] = []
    for _ in range(plan.budget.rounds - 1 if tier.rows <= ONE_FILLING else 0):
        with open_store(path, tier.dim) as memory:
            rates += fill(memory, data)[0]
        shutil.rmtree(path)
    with open_store(path, tier.dim) as memory:
        last, text_bytes = fill(memory, data)
    rates += last
    result = summary(
        VECTORS,
        rates,
        tier,
        unit="rows/s",
        better="higher",
        limit=Limit("sequential write of the vectors", write_mb * 1e6 / (4 * tier.dim)),
        note="dicts and a matrix, a durable commit per sample of at most 20,000 rows",
    )
    return result, text_bytes


def measure_index(memory: Memory, tier: Tier) -> Result:
    """Build the approximate index over the whole store."""
    seconds = build_index(memory)
    note = f"optimize(), {seconds:,.2f} s; measured once"
    rate = tier.rows / seconds
    return summary(INDEX, [rate], tier, unit="rows/s", better="higher", note=note)


def measure_text(directory: Path, plan: Plan) -> list[Result]:
    """Import text with the default embedder, and measure the embedder alone."""
    tier = plan.tier
    pieces = _pieces(plan.data)
    rows = sum(len(piece.rows) for piece in pieces)
    embedder = StaticEmbedder()
    speeds: list[float] = []
    rates: list[float] = []
    for turn in range(plan.budget.rounds if rows <= TEXT_PIECE else 1):
        path = directory / f"text-{turn}"
        with Memory(path=path) as memory:
            for piece in pieces:
                texts = [row["memory"] for row in piece.rows]
                begin = perf_counter()
                embedder.embed(texts)
                speeds.append(len(texts) / (perf_counter() - begin))
                rates.append(import_chunk(memory, piece, vectors=False))
        shutil.rmtree(path)
    speed = summary(EMBEDDER, speeds, tier, unit="rows/s", better="higher", note="embed() alone")
    capped = f", the first {TEXT_CAP:,} of the tier" if rows < tier.rows else ""
    rate = summary(
        TEXT,
        rates,
        tier,
        unit="rows/s",
        better="higher",
        limit=Limit("the embedder", speed.p50),
        note=f"{rows:,} rows{capped}; a commit per sample of at most {TEXT_PIECE:,}",
    )
    return [speed, rate]


def _pieces(data: Synthetic) -> list[Chunk]:
    pieces: list[Chunk] = []
    left = TEXT_CAP
    for chunk in data.chunks():
        for start in range(0, min(left, len(chunk.rows)), TEXT_PIECE):
            end = min(start + TEXT_PIECE, left)
            pieces.append(Chunk(chunk.rows[start:end], chunk.vectors[start:end]))
        left -= len(chunk.rows)
        if left <= 0:
            break
    return pieces
