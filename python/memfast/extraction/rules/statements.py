"""Which sentences of a message are kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from memfast.extraction.rules import agent, chatter, commands, dialogue, questions, slots
from memfast.extraction.rules.language import is_english
from memfast.extraction.rules.speech import Message, Speech
from memfast.extraction.rules.words import words_of
from memfast.extraction.slices import Slices

FEWEST_LETTERS = 3
FEWEST_WORDS = 3
# Letters of a script that writes no spaces, and where such scripts begin.
FEWEST_UNSPACED = 5
UNSPACED = "\u0e00"
# Characters of a line that heads a list; what is longer is a sentence of its own.
LONGEST_HEADING = 80
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
        item: The number of the list item that it stands in; 0 for none.
    """

    text: str
    words: tuple[str, ...]
    sources: tuple[int, ...]
    context: str | None = None
    slot: str | None = None
    english: bool = True
    item: int = 0

    @property
    def alone(self) -> bool:
        """Whether it is a fact by itself, whatever stands beside it."""
        return self.slot is not None or not self.english


def of_user(
    speech: Speech, before: Speech | None, fillers: frozenset[str]
) -> Iterator[Statement | None]:
    """Yield what a person says that is no greeting, question, command or reaction.

    Args:
        speech: The message.
        before: The message before it, if any.
        fillers: Words that say nothing, and the names of those who speak.

    Yields:
        None before each sentence, then what is kept of it. What heads a list stands before each
        of its items.
    """
    own = (speech.turn.index,)
    if before is not None and before.subject == speech.subject and not before.by_agent:
        before = None
    # "Paste the text to translate": what follows is no statement of its own.
    asked = before.last if before and before.by_agent else ""
    listing = False
    for sentence, heading, item in _headed(speech.sentences):
        yield None
        words = words_of(sentence)
        if sum(map(len, words)) < FEWEST_LETTERS and not any(word.isdigit() for word in words):
            continue
        if not is_english(sentence, words):
            idle = questions.is_question(sentence) or chatter.is_courtesy(sentence, words)
            if not idle and _is_long(words):
                text = f"{heading} {sentence}" if heading else sentence
                yield Statement(text, words, own, english=False, item=item)
            continue
        plain = sentence.replace("\u2019", "'")
        ends_line = partial(speech.message.line_ends.__contains__, sentence)
        if not listing and (commands.shows(plain) or commands.works(plain, ends_line)):
            return
        idle = chatter.is_chatter(plain, words, fillers)
        context = _context(plain, before, idle=idle) if before else None
        if before and context:
            sources = tuple(dict.fromkeys((before.turn.index, *own)))
            yield Statement(sentence, words, sources, context, item=item)
        elif not idle and _is_told(plain, listed=listing or bool(heading)):
            yield from _clauses(sentence, words, speech, asked, heading=heading, item=item)
            # What is listed below "My plans:" are no commands.
            listing = listing or sentence.endswith(":")
        elif note := NOTE.search(sentence):
            yield Statement(note.group(), words_of(note.group()), own, item=item)
        # Thanks may stand before an answer; nothing else does.
        before = before if idle and not context else None


def _headed(sentences: Sequence[tuple[str, int]]) -> Iterator[tuple[str, str, int]]:
    """Yield each sentence with what heads the list that it stands in, and the number of its item.

    What heads a list is no sentence of its own.
    """
    heading = ""
    last = len(sentences) - 1
    for place, (sentence, item) in enumerate(sentences):
        if not item:
            heading = ""
            if sentence.endswith(":") and place < last and sentences[place + 1][1]:
                heading = sentence if len(sentence) <= LONGEST_HEADING else ""
                if heading:
                    continue
        yield sentence, heading, item


def of_agent(speech: Speech) -> Iterator[Statement | None]:
    """Yield what the assistant says of itself, and None before each sentence."""
    for sentence, item in speech.sentences:
        yield None
        plain = sentence.replace("\u2019", "'")
        if agent.drafts(plain):
            return
        if not questions.is_question(plain) and agent.is_own(plain):
            yield from _clauses(sentence, words_of(sentence), speech, item=item)


def _is_told(sentence: str, *, listed: bool) -> bool:
    if questions.is_question(sentence):
        return questions.tells(sentence)
    return listed or not commands.is_command(sentence)


def _is_long(words: Sequence[str]) -> bool:
    """Tell a statement from a greeting in a language the rules do not know."""
    unspaced = sum(letter >= UNSPACED for word in words for letter in word)
    return len(words) >= FEWEST_WORDS or unspaced >= FEWEST_UNSPACED


def _context(sentence: str, before: Speech, *, idle: bool) -> str | None:
    question = before.asked
    if question and dialogue.answers(sentence, question, idle=idle):
        return f"{before.caller} asked: {question}"
    # What people say to each other is kept as theirs; an assistant's claim needs the user's word.
    if before.by_agent and dialogue.confirms(sentence):
        claim = before.claimed
        return f"{before.caller} said: {claim}" if claim else None
    return None


def _clauses(
    sentence: str,
    words: tuple[str, ...],
    speech: Speech,
    asked: str = "",
    *,
    heading: str = "",
    item: int = 0,
) -> Iterator[Statement | None]:
    for clause in slots.clauses(sentence):
        slot = slots.slot_of(clause.replace("\u2019", "'"), speech.subject)
        if slot and (yield from _is_doubtful(clause, speech.message, asked)):
            slot = None
        told = words if clause is sentence else words_of(clause)
        text = f"{heading} {clause}" if heading else clause
        yield Statement(text, told, (speech.turn.index,), slot=slot, item=item)


def _is_doubtful(sentence: str, message: Message, asked: str) -> Slices[bool]:
    """Tell whether a sentence fills no slot because of what stands around it.

    The message, or what was asked before it, may play, joke or tell a story, or tell of others
    where the sentence names nobody.
    """
    if slots.names_nobody(sentence) and (
        (yield from message.tells_of_others()) or (yield from slots.tells_of_others(asked))
    ):
        return True
    return (yield from message.is_unreal()) or (yield from slots.is_unreal(asked))
