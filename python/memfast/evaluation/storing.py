"""Conversations become memories, in each of the ways that `add` takes them."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol

from memfast.evaluation.files import Conversation, Turn, day_of

if TYPE_CHECKING:
    from memfast.memory import Memory
    from memfast.types import MemoryItem

Form = Literal["messages", "notes", "facts"]
# Speakers that are roles, and no names.
ROLES = frozenset({"user", "assistant"})


class TurnsOf(Protocol):
    """Finds the turns that a memory stands for."""

    def __call__(self, memory_id: str, /) -> frozenset[str]:
        """Return the ids of the turns; none for a memory that comes from no turn."""
        ...


def store(memory: Memory, conversation: Conversation, form: Form) -> TurnsOf:
    """Store a conversation for the user of its id; return what its memories stand for."""
    return FORMS[form](memory, conversation)


def _as_messages(memory: Memory, conversation: Conversation) -> TurnsOf:
    turn_of: dict[str, str] = {}
    for session, turns in conversation.sessions():
        said = _said(turns)
        if not said:
            continue
        added = memory.add(
            [message_of(turn) for turn in said],
            user_id=conversation.id,
            run_id=session,
            infer=False,
            # Of texts alone, which have no time of their own.
            timestamp=day_of(said[0].date),
        )
        for turn, item in zip(said, added["results"], strict=True):
            turn_of[item["id"]] = turn.id
    return _looked_up({key: frozenset({turn}) for key, turn in turn_of.items()})


def _as_notes(memory: Memory, conversation: Conversation) -> TurnsOf:
    said = _said(conversation.turns)
    if not said:
        return _looked_up({})
    added = memory.batch_add([turn.content for turn in said], user_id=conversation.id)
    pairs = zip(said, added["results"], strict=True)
    return _looked_up({item["id"]: frozenset({turn.id}) for turn, item in pairs})


def _as_facts(memory: Memory, conversation: Conversation) -> TurnsOf:
    turns_of: dict[str, frozenset[str]] = {}
    for session, turns in conversation.sessions():
        said = _said(turns)
        if not said:
            continue
        memory.add(
            [message_of(turn) for turn in said],
            user_id=conversation.id,
            run_id=session,
            timestamp=day_of(said[0].date),
        )
        kept = memory.iter(user_id=conversation.id, run_id=session, include_messages=True)
        messages = [item for item in kept if item.get("kind") == "message"]
        turns_of |= _matched(said, messages)
    known: dict[str, frozenset[str]] = {}

    def turns_of_fact(memory_id: str) -> frozenset[str]:
        if memory_id not in known:
            sources = memory.sources(memory_id, user_id=conversation.id)
            turns = [turns_of.get(source["id"], frozenset()) for source in sources]
            known[memory_id] = frozenset[str]().union(*turns)
        return known[memory_id]

    return turns_of_fact


def _matched(turns: Sequence[Turn], messages: Sequence[MemoryItem]) -> dict[str, frozenset[str]]:
    """Return the turns of each kept message.

    Where a store keeps a repeated text once, that message stands for all turns that repeat it.
    """
    ids: dict[tuple[str, str], deque[str]] = defaultdict(deque)
    for turn in turns:
        # A text alone is the user's.
        ids[turn.speaker or "user", turn.content.strip()].append(turn.id)
    kept: dict[tuple[str, str], list[str]] = defaultdict(list)
    for message in messages:
        speaker = message.get("actor_id") or message.get("role", "")
        kept[speaker, message["memory"].strip()].append(message["id"])
    matched: dict[str, frozenset[str]] = {}
    for key, found in kept.items():
        said = ids.get(key, deque())
        for at, message_id in enumerate(found):
            same = len(found) == len(said)
            matched[message_id] = frozenset([said[at]] if same else said)
    return matched


def _looked_up(turns: Mapping[str, frozenset[str]]) -> TurnsOf:
    return lambda memory_id: turns.get(memory_id, frozenset())


def _said(turns: Sequence[Turn]) -> list[Turn]:
    """Return the turns with a text: `add` skips the others."""
    return [turn for turn in turns if turn.content.strip()]


def message_of(turn: Turn) -> dict[str, Any] | str:
    """Return a turn as `add` takes it: a text alone where nobody is named."""
    if not turn.speaker:
        return turn.content
    message: dict[str, Any] = {"role": "user", "content": turn.content}
    if turn.speaker in ROLES:
        message["role"] = turn.speaker
    else:
        message["name"] = turn.speaker
    if (day := day_of(turn.date)) is not None:
        message["timestamp"] = day
    return message


FORMS: dict[Form, Callable[[Memory, Conversation], TurnsOf]] = {
    "messages": _as_messages,
    "notes": _as_notes,
    "facts": _as_facts,
}
