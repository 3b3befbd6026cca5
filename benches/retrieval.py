"""Retrieval quality: does a search find the turns that answer a question?

Reads a list of conversations: `id`, `turns` (`id`, `session`, `speaker`, `text`, maybe
`image_caption`) and `questions` (`question`, `evidence`, `category`). Each turn is one memory of
one user, each question one search in that scope. recall@k is the share of a question's evidence
among the first k results, hit@k whether any of it is there, MRR the mean of 1 / rank of the
first; all are averaged over the questions that have evidence.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benches.questions import Conversation, Turn, content_of, read, sessions_of
from memfast import Memory

LIMIT = 20
MEASURES = ("recall@5", "recall@10", "recall@20", "hit@10", "mrr")


def recall(ranked: Sequence[str], evidence: set[str], k: int) -> float:
    """Return the share of the evidence among the first k."""
    return len(evidence & set(ranked[:k])) / len(evidence)


def reciprocal_rank(ranked: Sequence[str], evidence: set[str]) -> float:
    """Return 1 / rank of the first piece of evidence, 0 if there is none."""
    return next((1 / rank for rank, turn in enumerate(ranked, 1) if turn in evidence), 0.0)


def measure(ranked: Sequence[str], evidence: set[str]) -> dict[str, float]:
    """Return all measures of one question."""
    return {
        "recall@5": recall(ranked, evidence, 5),
        "recall@10": recall(ranked, evidence, 10),
        "recall@20": recall(ranked, evidence, 20),
        "hit@10": float(bool(evidence & set(ranked[:10]))),
        "mrr": reciprocal_rank(ranked, evidence),
    }


def mean(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    """Return the mean of each measure."""
    return {name: sum(row[name] for row in rows) / len(rows) for name in MEASURES}


def text_of(turn: Turn) -> str:
    """Return a turn as the text of a memory."""
    return f"{turn['speaker']}: {content_of(turn)}"


def questions_of(memory: Memory, conversation: Conversation) -> list[tuple[str, dict[str, float]]]:
    """Store a conversation and ask its questions; return category and measures of each."""
    user = conversation["id"]
    turn_of: dict[str, str] = {}
    for session, turns in sessions_of(conversation["turns"]).items():
        messages = [{"role": "user", "content": text_of(turn)} for turn in turns]
        added = memory.add(messages, user_id=user, run_id=f"session-{session}", infer=False)
        for turn, item in zip(turns, added["results"], strict=True):
            turn_of[item["id"]] = turn["id"]
    measured = []
    for question in conversation["questions"]:
        evidence = set(question["evidence"])
        if not evidence:
            continue
        hits = memory.search(question["question"], user_id=user, limit=LIMIT)["results"]
        ranked = [turn_of[hit["id"]] for hit in hits]
        measured.append((str(question["category"]), measure(ranked, evidence)))
    return measured


def main() -> None:
    """Measure a file and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--embedder", default="static")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    measured: list[tuple[str, dict[str, float]]] = []
    with Memory(path=":memory:", embedder=options.embedder) as memory:
        for conversation in read(options.data):
            measured += questions_of(memory, conversation)
    if not measured:
        sys.exit(f"{options.data}: no question has evidence")
    groups = {"all": [row for _, row in measured]}
    for category in sorted({category for category, _ in measured}):
        groups[f"category {category}"] = [row for name, row in measured if name == category]
    table = Table(title=f"{options.data.name}, embedder {options.embedder}")
    for column in ("questions", "n", *MEASURES):
        table.add_column(column, justify="left" if column == "questions" else "right")
    for name, rows in groups.items():
        means = mean(rows)
        table.add_row(name, str(len(rows)), *(f"{means[key]:.3f}" for key in MEASURES))
    Console().print(table)
    if options.json:
        figures = {name: {"n": len(rows), **mean(rows)} for name, rows in groups.items()}
        options.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
