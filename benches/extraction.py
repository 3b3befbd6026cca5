"""The extractor by rules: its speed, and whether questions still find their answers in its facts.

Reads the files of `memfast eval`. Each conversation is one user, each of its sessions one `add`. A
fact counts for every turn it comes from, so recall@k is the share of a question's evidence among
the sources of the first k facts.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from memfast import Memory
from memfast.evaluation.files import Conversation, day_of, read
from memfast.evaluation.files import Turn as FileTurn
from memfast.evaluation.measures import recall
from memfast.extraction.facts import Fact, Turn
from memfast.extraction.rules import extract

DEPTHS = (5, 10, 20)
Session = list[tuple[str, Turn]]
REPEATS = 3


def said_at(turn: FileTurn) -> datetime | None:
    """Return the begin of the day of a turn, if the file has it."""
    day = day_of(turn.date)
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC)


def sessions_of(conversation: Conversation) -> list[Session]:
    """Return the turns of each session with their ids, as input of the extractor."""
    return [
        [
            (turn.id, Turn(at, "user", turn.content, turn.speaker, said_at(turn)))
            for at, turn in enumerate(turns)
        ]
        for _, turns in conversation.sessions()
    ]


Sources = dict[str, set[str]]


def store_turns(memory: Memory, user: str, sessions: Sequence[Session]) -> Sources:
    """Store turns as they are; return the turn of each memory's text."""
    origin: Sources = defaultdict(set)
    for session in sessions:
        texts = [f"{turn.name}: {turn.content}" for _, turn in session]
        messages = [{"role": "user", "content": text} for text in texts]
        memory.add(messages, user_id=user, infer=False)
        for text, (turn_id, _) in zip(texts, session, strict=True):
            origin[text].add(turn_id)
    return origin


def store_texts(memory: Memory, user: str, sessions: Sequence[Session]) -> Sources:
    """Store the texts of facts as they are; return the turns that each comes from."""
    origin: Sources = defaultdict(set)
    for session in sessions:
        for fact in extract([turn for _, turn in session]):
            origin[fact.text] |= {session[at][0] for at in fact.sources}
    memory.batch_add(list(origin), user_id=user)
    return origin


def store_facts(memory: Memory, user: str, sessions: Sequence[Session]) -> Sources:
    """Store the facts of turns; return the turns of each, as `memory.sources` returns them."""
    said: Sources = defaultdict(set)
    for session in sessions:
        messages = [
            {"role": turn.role, "content": turn.content, "name": turn.name, "timestamp": turn.at}
            for _, turn in session
        ]
        memory.add(messages, user_id=user)
        for turn_id, turn in session:
            said[turn.content].add(turn_id)
    origin: Sources = defaultdict(set)
    for item in memory.iter(user_id=user):
        for message in memory.sources(item["id"]):
            origin[item["memory"]] |= said[message["memory"]]
    return origin


def recalls(
    conversation: Conversation,
    store: Callable[[Memory, str, Sequence[Session]], Sources],
    embedder: str,
) -> list[list[float]]:
    """Store a conversation, ask its questions, and measure each answer."""
    user = conversation.id
    with Memory(path=":memory:", embedder=embedder) as memory:
        origin = store(memory, user, sessions_of(conversation))
        measured = []
        for question in conversation.questions:
            if evidence := set(question.evidence):
                hits = memory.search(
                    question.question, user_id=user, limit=DEPTHS[-1], mode="semantic"
                )
                ranked = [origin[hit["memory"]] for hit in hits["results"]]
                measured.append([recall(ranked, evidence, k) for k in DEPTHS])
    return measured


def speed(sessions: Sequence[Sequence[Turn]]) -> float:
    """Return messages per second: the best of some runs over all sessions."""
    best = float("inf")
    for _ in range(REPEATS):
        begin = time.perf_counter()
        for session in sessions:
            extract(session)
        best = min(best, time.perf_counter() - begin)
    return sum(map(len, sessions)) / best


def main() -> None:
    """Measure a file and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--embedder", default="static")
    parser.add_argument("--show", type=int, default=0, help="print the facts of this many turns")
    options = parser.parse_args()
    conversations = read(options.data)
    raw: list[list[float]] = []
    bare: list[list[float]] = []
    drawn: list[list[float]] = []
    sessions: list[list[Turn]] = []
    facts: list[Fact] = []
    silent = 0
    for conversation in conversations:
        for session in sessions_of(conversation):
            sessions.append([turn for _, turn in session])
            found = extract(sessions[-1])
            facts += found
            silent += len(session) - len({i for fact in found for i in fact.sources})
        raw += recalls(conversation, store_turns, options.embedder)
        bare += recalls(conversation, store_texts, options.embedder)
        drawn += recalls(conversation, store_facts, options.embedder)
    if not raw:
        sys.exit(f"{options.data}: no question has evidence")
    for fact in facts[: options.show]:
        print(fact.text)
    count = sum(map(len, sessions))
    table = Table(title=f"{options.data.name}, embedder {options.embedder}, {len(raw)} questions")
    for column in ("", *(f"recall@{k}" for k in DEPTHS)):
        table.add_column(column)
    kinds = (("turns as they are", raw), ("texts of facts", bare), ("facts by rules", drawn))
    for name, rows in kinds:
        means = (sum(column) / len(rows) for column in zip(*rows, strict=True))
        table.add_row(name, *(f"{mean:.3f}" for mean in means))
    Console().print(table)
    print(
        f"{speed(sessions):,.0f} messages/s on one core; {count:,} messages, {len(facts):,} facts "
        f"({len(facts) / count:.2f} a message), {silent / count:.1%} of the messages gave none"
    )


if __name__ == "__main__":
    main()
