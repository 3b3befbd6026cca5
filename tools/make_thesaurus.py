#!/usr/bin/env python3
"""Make the thesaurus that memfast ships, from the static embedding table beside it.

The rows of whole words (three or more letters a to z, no stop word) become vectors of length 1,
less the mean of those of all such words, again of length 1; a stem's vector is the mean of those of
its words, of length 1. A stem's neighbours are the 16 other stems with the greatest cosines of at
least 0.35, rounded to 4 decimals. Sums are in float64, so that every machine makes the same file.

The directory gets `thesaurus.bin`, numbers in little-endian order:

    magic     b"MEMTHES1"
    stems     u16, their number, at most 32,768
    pairs     u32, the number of pairs: two stems, one of which is a neighbour of the other
    stems, sorted; of each:
              u8, how many letters it shares with the stem before; then its other letters, the
              last one plus 128
    counts    of the cosines 1.0000, 0.9999 down to 0.3500: u16, how many pairs have it
    pairs, greatest cosine first; of each a u32:
              bits 0 to 14 and 15 to 29, the positions of two stems, the lesser one first; bit 30,
              whether the second is a neighbour of the first, bit 31, whether the first is one of
              the second
    checksum  of all bytes before, as u32 with zeros at the end: u64, the sum of all sums of the
              first one, the first two ... of them, modulo 2 ** 64
"""

from __future__ import annotations

import argparse
import re
import sys
from itertools import accumulate, takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from make_text_reference import ENGLISH_STOP

if TYPE_CHECKING:
    import numpy as np

ROOT = Path(__file__).resolve().parent.parent
NEEDS = "pip install PyStemmer==3.1.0 numpy"
MAGIC = b"MEMTHES1"
NEIGHBOURS = 16
SCALE = 10_000
LEAST = 3500
BLOCK = 1024

Near = list[tuple[int, int]]
"""The neighbours of a stem: position, cosine times `SCALE`; greatest first."""


def unit(rows: np.ndarray) -> np.ndarray:
    """Return rows scaled to length 1."""
    import numpy as np

    return rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9)


def stem_vectors(folder: Path) -> tuple[list[str], np.ndarray]:
    """Return the stems of the table's whole words, sorted, and their vectors."""
    import numpy as np
    import Stemmer

    tokens = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
    rows = np.load(folder / "rows_int8.npy").astype(np.float64)
    rows *= np.load(folder / "scales_f32.npy").astype(np.float64)[:, None]
    stop = set(ENGLISH_STOP.split())
    words = [
        (position, token)
        for position, token in enumerate(tokens)
        if re.fullmatch("[a-z]{3,}", token) and token not in stop
    ]
    rows = unit(rows)
    rows = unit(rows - rows[[position for position, _ in words]].mean(axis=0))
    stemmer = Stemmer.Stemmer("english")
    forms: dict[str, list[int]] = {}
    for position, word in words:
        forms.setdefault(stemmer.stemWord(word), []).append(position)
    stems = sorted(forms)
    return stems, unit(np.stack([rows[forms[stem]].mean(axis=0) for stem in stems]))


def neighbours(vectors: np.ndarray) -> list[Near]:
    """Return the neighbours of each stem."""
    import numpy as np

    found: list[Near] = []
    for start in range(0, len(vectors), BLOCK):
        cosines = vectors[start : start + BLOCK] @ vectors.T
        for row, line in enumerate(cosines):
            line[start + row] = -1
            # Rounding errors, which differ between machines, must not decide on the order.
            order = np.argsort(-np.rint(line * 1e9), kind="stable")[:NEIGHBOURS]
            cosines_of = [(int(at), float(line[at]) * SCALE) for at in order]
            found.append([(at, round(cosine)) for at, cosine in cosines_of if cosine >= LEAST])
    return found


def undirected(near: list[Near]) -> list[tuple[int, int]]:
    """Return cosine and number of each pair, greatest cosine first, then by number."""
    pairs: dict[tuple[int, int], tuple[int, int]] = {}
    for stem, line in enumerate(near):
        for other, cosine in line:
            key = (min(stem, other), max(stem, other))
            _, flags = pairs.get(key, (0, 0))
            pairs[key] = cosine, flags | (1 << 30 if stem < other else 1 << 31)
    numbered = [
        (cosine, first | second << 15 | flags) for (first, second), (cosine, flags) in pairs.items()
    ]
    return sorted(numbered, key=lambda pair: (-pair[0], pair[1]))


def checksum(data: bytes) -> int:
    """Return the checksum of some bytes."""
    numbers = (int.from_bytes(data[at : at + 4], "little") for at in range(0, len(data), 4))
    return sum(accumulate(numbers)) % 2**64


def encode(stems: list[str], near: list[Near]) -> bytes:
    """Return the file."""
    pairs = undirected(near)
    out = bytearray(MAGIC)
    out += len(stems).to_bytes(2, "little")
    out += len(pairs).to_bytes(4, "little")
    before = ""
    for stem in stems:
        shared = sum(
            1
            for _ in takewhile(
                lambda letters: letters[0] == letters[1], zip(before, stem, strict=False)
            )
        )
        out.append(shared)
        out += stem[shared:-1].encode()
        out.append(ord(stem[-1]) + 128)
        before = stem
    counts = [0] * (SCALE - LEAST + 1)
    for cosine, _ in pairs:
        counts[SCALE - cosine] += 1
    for count in counts:
        out += count.to_bytes(2, "little")
    for _, pair in pairs:
        out += pair.to_bytes(4, "little")
    return bytes(out) + checksum(out).to_bytes(8, "little")


def main() -> None:
    """Write the thesaurus of a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--table",
        type=Path,
        default=ROOT / "python" / "memfast" / "data" / "static_embedder",
        help="directory of the table, which also gets the thesaurus (default: the package's)",
    )
    options = parser.parse_args()
    try:
        stems, vectors = stem_vectors(options.table)
    except ImportError as error:
        sys.exit(f"{error}\nThis tool needs PyStemmer and numpy:\n    {NEEDS}")
    near = neighbours(vectors)
    data = encode(stems, near)
    (options.table / "thesaurus.bin").write_bytes(data)
    print(f"{len(stems)} stems, {sum(map(len, near))} pairs, {len(data)} bytes")


if __name__ == "__main__":
    main()
