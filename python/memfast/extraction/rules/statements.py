"""Which sentences of a message are kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from memfast.extraction.rules import agent, chatter, commands, dialogue, questions, slots
from memfast.extraction.rules.language import is_english
from memfast.extraction.rules.speech import Speech
from memfast.extraction.rules.words import words_of

FEWEST_LETTERS = 3
FEWEST_WORDS = 3
# Letters of a script that writes no spaces, and where such scripts begin.
FEWEST_UNSPACED = 5
UNSPACED = "\u0e00"
# What a message shows: "[image: a dog]".
NOTE = re.compile(r"\[\w+: [^\[\]]+\]\Z")


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence that is kept.

    Attributes:
        text: The sentence, or a clause of it.
        words: Its words.
        sources: Indexes of the messages it needs.
        context: What was asked or said before, without which it tells nothing.
        slot: What it fills.
        english: Whether the rules can read it.
    """

    text: str
    words: tuple[str, ...]
    sources: tuple[int, ...]
    context: str | None = None
    slot: str | None = None
    english: bool = True

    @property
    def alone(self) -> bool:
        """Whether it is a fact by itself, whatever stands beside it."""
        return self.slot is not None or not self.english


def of_user(speech: Speech, before: Speech | None, names: frozenset[str]) -> Iterator[Statement]:
    """Yield what a person says that is no greeting, question, command or reaction.

    Args:
        speech: The message.
        before: The message before it, if any.
        names: Names of those who speak, as words.
    """
    own = (speech.turn.index,)
    if before is not None and before.subject == speech.subject and not before.by_agent:
        before = None
    # "Paste the text to translate": what follows is no statement of its own.
    asked = before.sentences[-1] if before and before.by_agent and before.sentences else ""
    around = f"{asked} {speech.turn.content}"
    listing = False
    for sentence in speech.sentences:
        words = words_of(sentence)
        if sum(map(len, words)) < FEWEST_LETTERS and not any(word.isdigit() for word in words):
            continue
        if not is_english(sentence, words):
            idle = questions.is_question(sentence) or chatter.is_courtesy(sentence, words)
            if not idle and _is_long(words):
                yield Statement(sentence, words, own, english=False)
            continue
        plain = sentence.replace("\u2019", "'")
        if not listing and commands.hands_over(plain, speech.turn.content):
            return
        idle = chatter.is_chatter(plain, words, names)
        context = _context(plain, before, idle=idle) if before else None
        if before and context:
            yield Statement(
                sentence, words, tuple(dict.fromkeys((before.turn.index, *own))), context
            )
        elif not idle and _is_told(plain, listed=listing):
            yield from _clauses(sentence, words, speech, around)
            # What is listed below "My plans:" are no commands.
            listing = listing or sentence.endswith(":")
        elif note := NOTE.search(sentence):
            yield Statement(note.group(), words_of(note.group()), own)
        # Thanks may stand before an answer; nothing else does.
        before = before if idle and not context else None


def of_agent(speech: Speech) -> Iterator[Statement]:
    """Yield what the assistant says of itself."""
    for sentence in speech.sentences:
        plain = sentence.replace("\u2019", "'")
        if agent.drafts(plain):
            return
        if not questions.is_question(plain) and agent.is_own(plain):
            yield from _clauses(sentence, words_of(sentence), speech, speech.turn.content)


def _is_told(sentence: str, *, listed: bool) -> bool:
    if questions.is_question(sentence):
        return questions.tells(sentence)
    return listed or not commands.is_command(sentence)


def _is_long(words: Sequence[str]) -> bool:
    """Tell a statement from a greeting in a language the rules do not know."""
    unspaced = sum(letter >= UNSPACED for word in words for letter in word)
    return len(words) >= FEWEST_WORDS or unspaced >= FEWEST_UNSPACED


def _context(sentence: str, before: Speech, *, idle: bool) -> str | None:
    question = dialogue.asked(before.sentences)
    if question and dialogue.answers(sentence, question, idle=idle):
        return f"{before.caller} asked: {question}"
    # What people say to each other is kept as theirs; an assistant's claim needs the user's word.
    if before.by_agent and dialogue.confirms(sentence):
        claim = dialogue.claimed(before.sentences)
        return f"{before.caller} said: {claim}" if claim else None
    return None


def _clauses(
    sentence: str, words: tuple[str, ...], speech: Speech, around: str
) -> Iterator[Statement]:
    for clause in slots.clauses(sentence):
        slot = slots.slot_of(clause.replace("\u2019", "'"), speech.subject)
        if slot and slots.is_doubtful(clause, around):
            slot = None
        told = words if clause is sentence else words_of(clause)
        yield Statement(clause, told, (speech.turn.index,), slot=slot)
