#!/usr/bin/env python3
"""Make the static embedding table that memfast ships, from a sentence-transformers model.

Every token of the model's WordPiece vocabulary is embedded once; PCA reduces the vectors to 256
components, and SIF weights (1e-4) shorten those of frequent tokens. Each row is then stored as
eight-bit integers with one scale. The output directory gets:

    rows_int8.npy   int8 [tokens, components]
    scales_f32.npy  float32 [tokens]; a row is its integers times its scale
    vocab.txt       one token a line, in the order of the rows

The table that ships is of sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), distilled with
model2vec 0.10.0 (MIT). A new table has another fingerprint, so stores made with the old one
must be re-embedded.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

ROOT = Path(__file__).resolve().parent.parent
MODEL = "sentence-transformers/all-MiniLM-L6-v2"
NEEDS = "pip install 'model2vec[distill]==0.10.0' numpy"


def distill(model: str, dims: int, sif: float) -> Any:
    """Return the model2vec `StaticModel` of a sentence-transformers model, by name or directory."""
    try:
        from model2vec.distill import distill as model2vec_distill
    except ImportError as error:
        sys.exit(f"{error}\nThis tool needs model2vec with its distill extra:\n    {NEEDS}")
    return model2vec_distill(model_name=model, pca_dims=dims, sif_coefficient=sif)


def quantize(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return rows as int8 with one scale each; a row of zeros has scale zero."""
    import numpy as np

    rows = rows.astype(np.float32)
    scales = np.abs(rows).max(axis=1) / 127.0
    divisors = np.where(scales > 0, scales, 1.0)[:, None]
    integers = np.clip(np.rint(rows / divisors), -127, 127).astype(np.int8)
    return integers, scales.astype(np.float32)


def vocabulary(static: Any, count: int) -> list[str]:
    """Return the tokens in the order of the rows, after the checks that the loader relies on."""
    numbers: dict[str, int] = static.tokenizer.get_vocab()
    tokens = sorted(numbers, key=lambda token: numbers[token])
    if sorted(numbers.values()) != list(range(count)):
        sys.exit(f"{len(tokens)} tokens do not have the numbers of the {count} rows")
    if "[UNK]" not in numbers:
        sys.exit("the vocabulary has no [UNK]; is the model's tokenizer WordPiece?")
    odd = [token for token in tokens if not token or "\n" in token or token.endswith("\r")]
    if odd:
        sys.exit(f"tokens that contain line ends or are empty: {odd[:5]!r}")
    return tokens


def write_reference(static: Any, path: Path) -> None:
    """Write new tokens and vectors for the texts of the file."""
    cases = []
    for case in json.loads(path.read_text(encoding="utf-8")):
        text = case["text"]
        tokens = static.tokenizer.encode(text, add_special_tokens=False).tokens
        vector = [round(float(value), 5) for value in static.encode([text])[0]]
        cases.append({"text": text, "tokens": tokens, "vector": vector})
    path.write_text(json.dumps(cases, ensure_ascii=False), encoding="utf-8")


def main() -> None:
    """Make the table, and print how close it is to the rows before quantisation."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", default=MODEL, help="name or directory (default: %(default)s)")
    parser.add_argument("--dims", type=int, default=256, help="components (default: %(default)s)")
    parser.add_argument("--sif", type=float, default=1e-4, help="SIF weight (default: %(default)s)")
    parser.add_argument(
        "--out",
        type=Path,
        default=ROOT / "python" / "memfast" / "data" / "static_embedder",
        help="directory to write to (default: the package's)",
    )
    parser.add_argument(
        "--reference",
        type=Path,
        help="also rewrite this reference file, such as tests/data/static_embedder_reference.json",
    )
    options = parser.parse_args()

    static = distill(options.model, options.dims, options.sif)
    import numpy as np

    rows = np.asarray(static.embedding, dtype=np.float32)
    if not np.isfinite(rows).all():
        sys.exit("the distilled rows are not all finite")
    tokens = vocabulary(static, len(rows))
    integers, scales = quantize(rows)

    options.out.mkdir(parents=True, exist_ok=True)
    np.save(options.out / "rows_int8.npy", integers)
    np.save(options.out / "scales_f32.npy", scales.astype("<f4"))
    with (options.out / "vocab.txt").open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{token}\n" for token in tokens)
    if options.reference:
        write_reference(static, options.reference)

    restored = integers.astype(np.float32) * scales[:, None]
    norms = np.linalg.norm(rows, axis=1) * np.linalg.norm(restored, axis=1)
    cosines = (rows * restored).sum(axis=1)[norms > 0] / norms[norms > 0]
    count, dims = rows.shape
    print(f"{count} tokens x {dims}: cosine to the rows before >= {cosines.min():.6f}")


if __name__ == "__main__":
    main()
