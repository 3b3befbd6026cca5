"""Which sentences of a message are kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from memfast.extraction.rules import agent, chatter, commands, dialogue, questions, slots
from memfast.extraction.rules.language import is_english
from memfast.extraction.rules.speech import Message, Speech
from memfast.extraction.rules.words import Sentence, sentence_of, words_of
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


class Statement(NamedTuple):
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
    for text, heading, item in _headed(speech.sentences):
        yield None
        sentence = sentence_of(text)
        words = sentence.words
        if _is_short(words) and not any(word.isdigit() for word in words):
            continue
        if not is_english(text, words):
            idle = questions.is_question(sentence) or chatter.is_courtesy(sentence)
            if not idle and _is_long(words):
                said = f"{heading} {text}" if heading else text
                yield Statement(said, words, own, english=False, item=item)
            continue
        if not listing and _brings_text(sentence, speech.message):
            return
        idle = chatter.is_chatter(sentence, fillers)
        context = _context(sentence.plain, before, idle=idle) if before else None
        if before and context:
            sources = tuple(dict.fromkeys((before.turn.index, *own)))
            yield Statement(text, words, sources, context, item=item)
        elif not idle and _is_told(sentence, listed=listing or bool(heading)):
            yield from _clauses(sentence, speech, asked, heading=heading, item=item)
            # What is listed below "My plans:" are no commands.
            listing = listing or text[-1] == ":"
        elif text[-1] == "]" and (note := NOTE.search(text)):
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
    for text, item in speech.sentences:
        yield None
        sentence = sentence_of(text)
        if agent.drafts(sentence.plain):
            return
        if not questions.is_question(sentence) and agent.is_own(sentence.plain):
            yield from _clauses(sentence, speech, item=item)


def _is_told(sentence: Sentence, *, listed: bool) -> bool:
    if questions.is_question(sentence):
        return questions.tells(sentence.plain)
    return listed or not commands.is_command(sentence)


def _brings_text(sentence: Sentence, message: Message) -> bool:
    """Tell whether what follows a sentence is a text to read or to work on, whoever wrote it."""
    if commands.shows(sentence):
        return True
    work = commands.works(sentence)
    return work is not None and (
        commands.names_text(sentence, work) or sentence.text in message.line_ends
    )


def _is_short(words: Sequence[str]) -> bool:
    return len(words) < FEWEST_LETTERS and sum(map(len, words)) < FEWEST_LETTERS


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
    sentence: Sentence,
    speech: Speech,
    asked: str = "",
    *,
    heading: str = "",
    item: int = 0,
) -> Iterator[Statement | None]:
    for clause in slots.clauses(sentence):
        slot = slots.slot_of(clause, speech.subject)
        if slot and (yield from _is_doubtful(clause, speech.message, asked)):
            slot = None
        text = f"{heading} {clause.text}" if heading else clause.text
        yield Statement(text, clause.words, (speech.turn.index,), slot=slot, item=item)


def _is_doubtful(sentence: Sentence, message: Message, asked: str) -> Slices[bool]:
    """Tell whether a sentence fills no slot because of what stands around it.

    The message, or what was asked before it, may play, joke or tell a story, or tell of others
    where the sentence names nobody.
    """
    if slots.names_nobody(sentence) and (
        (yield from message.tells_of_others()) or (yield from slots.tells_of_others(asked))
    ):
        return True
    return (yield from message.is_unreal()) or (asked != "" and (yield from slots.is_unreal(asked)))
