"""The files of conversations with questions that retrieval.py and extraction.py read."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import NotRequired, TypedDict


class Turn(TypedDict):
    """A turn of a conversation; `date` looks like "1:56 pm on 8 May, 2023"."""

    id: str
    session: int
    speaker: str
    text: str
    image_caption: NotRequired[str | None]
    date: NotRequired[str | None]


class Question(TypedDict):
    """A question, with the ids of the turns that answer it."""

    question: str
    evidence: list[str]
    category: int


class Conversation(TypedDict):
    id: str
    turns: list[Turn]
    questions: list[Question]


def read(path: Path) -> list[Conversation]:
    conversations: list[Conversation] = json.loads(path.read_text("utf-8"))
    return conversations


def sessions_of(turns: list[Turn]) -> dict[int, list[Turn]]:
    """Group turns by session, in their order."""
    sessions: dict[int, list[Turn]] = defaultdict(list)
    for turn in turns:
        sessions[turn["session"]].append(turn)
    return sessions


def content_of(turn: Turn) -> str:
    """Return the text of a turn, with the caption of its image."""
    caption = turn.get("image_caption")
    return turn["text"] + (f" [image: {caption}]" if caption else "")
