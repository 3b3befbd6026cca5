"""Selects the sentences of a message that are kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from memfast.extraction.rules import (
    agent,
    answers,
    carried,
    chatter,
    commands,
    corrections,
    dialogue,
    orders,
    questions,
    slots,
)
from memfast.extraction.rules.language import is_english
from memfast.extraction.rules.speech import Message, Speech
from memfast.extraction.rules.words import Sentence, sentence_of, words_of
from memfast.extraction.slices import Slices

FEWEST_LETTERS = 3
FEWEST_WORDS = 3
# Fewest letters of a statement in a script without spaces, and where such scripts begin.
FEWEST_UNSPACED = 5
UNSPACED = "\u0e00"
# The number in place of an item's that sets apart what was answered.
ANSWER = -1
# Longest heading of a list, in characters; longer lines are sentences.
LONGEST_HEADING = 80
# Most words of an answer in a language that the rules do not know.
LONGEST_ELSEWHERE = 5
# A note in a message: "[image: a dog]".
NOTE = re.compile(r"\[\w+: [^\[\]]+\]\Z")


class Statement(NamedTuple):
    """A sentence that is kept.

    Attributes:
        text: The sentence, or a clause of it.
        words: Its words.
        sources: Indexes of the messages it needs.
        context: The question or claim before it that it depends on.
        slot: The slot it fills.
        english: Whether it is English.
        item: The number of its list item; 0 outside of lists.
        meant: Whether what its pronoun means was put behind it.
    """

    text: str
    words: tuple[str, ...]
    sources: tuple[int, ...]
    context: str | None = None
    slot: str | None = None
    english: bool = True
    item: int = 0
    meant: bool = False

    @property
    def alone(self) -> bool:
        """Whether it becomes a fact of its own, whatever its neighbours."""
        return self.slot is not None or not self.english


def of_user(
    speech: Speech, before: Speech | None, fillers: frozenset[str]
) -> Iterator[Statement | None]:
    """Yield the statements of a person, without greetings, questions, commands and reactions.

    Args:
        speech: The message.
        before: The message before it, if any.
        fillers: Words without content, and the names of the speakers.

    Yields:
        None before each sentence, then its statements. Each item of a list begins with the heading
        of the list.
    """
    own = (speech.turn.index,)
    wondered: Speech | None = None
    if before is not None and before.subject == speech.subject and not before.by_agent:
        before, wondered = None, before
    # After "Paste the text to translate" the text states nothing about the speaker.
    asked = before.last if before and before.by_agent else ""
    listing = False
    for text, heading, item in _headed(speech.sentences):
        yield None
        sentence = sentence_of(text)
        words = sentence.words
        if _is_void(sentence, speech.message):
            continue
        if not is_english(text, words):
            told_elsewhere = _elsewhere(sentence, before, wondered, heading)
            if told_elsewhere is not None:
                said, context, sources = told_elsewhere
                fresh = words if said is text else words_of(said)
                yield Statement(said, fresh, (*sources, *own), context, english=False, item=item)
            before = wondered = None
            continue
        if not listing and _introduces_text(sentence, speech.message):
            return
        idle = chatter.is_chatter(sentence, fillers)
        context, sources = _asked(sentence.plain, before, wondered, idle=idle)
        if context:
            sources = tuple(dict.fromkeys((*sources, *own)))
            yield Statement(text, words, sources, context, item=item)
        elif not idle and (told := _stated(sentence, listed=listing or bool(heading))):
            yield from _clauses(told, speech, asked, heading=heading, item=item)
            # Items below "My plans:" are not commands.
            listing = listing or text[-1] == ":"
        elif text[-1] == "]" and (note := NOTE.search(text)):
            yield Statement(note.group(), words_of(note.group()), own, item=item)
        # Only thanks may precede an answer.
        before = before if idle and not context else None
        wondered = wondered if idle and not context else None


def _asked(
    sentence: str, before: Speech | None, wondered: Speech | None, *, idle: bool
) -> tuple[str | None, tuple[int, ...]]:
    """Return what was said before that a sentence depends on, and the index of its message."""
    if before is not None and (context := _context(sentence, before, idle=idle)):
        return context, (before.turn.index,)
    if wondered is not None and (context := _own_question(sentence, wondered)):
        return context, (wondered.turn.index,)
    return None, ()


def _own_question(sentence: str, wondered: Speech) -> str | None:
    """Return the question of the same speaker that a sentence answers, as "No, on Tuesday" does."""
    question = dialogue.asked_itself([text for text, _ in wondered.sentences])
    if question is None or not corrections.denies(sentence):
        return None
    return f"{wondered.caller} asked: {question}"


def _elsewhere(
    sentence: Sentence, before: Speech | None, wondered: Speech | None, heading: str
) -> tuple[str, str | None, tuple[int, ...]] | None:
    """Return what a sentence in another language states.

    Returns:
        The statement, the question that it answers if any, and the index of that; None if it
        states nothing.
    """
    text = sentence.text
    if chatter.is_courtesy(sentence):
        return None
    stated: str | None = text
    if questions.is_question(sentence):
        stated = carried.told_elsewhere(sentence)
    elif wondered is not None and (question := _own_question(sentence.plain, wondered)):
        return text, question, (wondered.turn.index,)
    elif before is not None and before.asked and len(sentence.words) <= LONGEST_ELSEWHERE:
        return text, f"{before.caller} asked: {before.asked}", (before.turn.index,)
    if not stated or not _is_long(sentence.words):
        return None
    return f"{heading} {stated}" if heading else stated, None, ()


def _headed(sentences: Sequence[tuple[str, int]]) -> Iterator[tuple[str, str, int]]:
    """Yield each sentence with the heading of its list and the number of its item.

    A heading is not yielded as a sentence.
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


def of_agent(speech: Speech, before: Speech | None = None) -> Iterator[Statement | None]:
    """Yield what the assistant says about itself, and None before each sentence.

    Letters that it wrote for others to use are left out. Of a long answer, to the message `before`,
    one statement tells what was answered.
    """
    asked = before.message.content if before and not before.by_agent else ""
    if line := answers.answered(speech.turn.content, speech.sentences, asked):
        yield Statement(line, words_of(line), (speech.turn.index,), item=ANSWER)
    for text, item in speech.sentences:
        yield None
        sentence = sentence_of(text)
        if agent.drafts(sentence.plain) or agent.is_salutation(sentence.plain):
            return
        if not questions.is_question(sentence) and agent.is_own(sentence.plain):
            yield from _clauses(sentence, speech, item=item)


def _stated(sentence: Sentence, *, listed: bool) -> Sentence | None:
    """Return a sentence without what it asks or orders; None if nothing is left."""
    if questions.is_question(sentence) or (not listed and commands.is_command(sentence)):
        told = carried.told_in(sentence)
        return sentence_of(told) if told else None
    return sentence


def _introduces_text(sentence: Sentence, message: Message) -> bool:
    """Return whether a sentence is followed by a quoted text or a text to work on."""
    if commands.introduces_text(sentence):
        return True
    work = commands.text_request(sentence)
    return work is not None and (
        commands.announces_text(sentence, work) or sentence.text in message.line_ends
    )


def _is_short(words: Sequence[str]) -> bool:
    return len(words) < FEWEST_LETTERS and sum(map(len, words)) < FEWEST_LETTERS


def _is_void(sentence: Sentence, message: Message) -> bool:
    """Return whether a sentence is too short, or an order that somebody else gives."""
    words = sentence.words
    if _is_short(words) and not any(word.isdigit() for word in words):
        return True
    return message.gives_orders and orders.is_ordered(sentence.plain)


def _is_long(words: Sequence[str]) -> bool:
    """Tell a statement from a greeting in a language the rules do not know."""
    unspaced = sum(letter >= UNSPACED for word in words for letter in word)
    return len(words) >= FEWEST_WORDS or unspaced >= FEWEST_UNSPACED


def _context(sentence: str, before: Speech, *, idle: bool) -> str | None:
    question = before.asked
    if question and dialogue.answers(sentence, question, idle=idle):
        return f"{before.caller} asked: {question}"
    # A claim by a person is kept as theirs; one by the assistant needs a confirmation.
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
        if slot and (yield from _is_unreliable(clause, speech.message, asked)):
            slot = None
        text = f"{heading} {clause.text}" if heading else clause.text
        yield Statement(text, clause.words, (speech.turn.index,), slot=slot, item=item)


def _is_unreliable(sentence: Sentence, message: Message, asked: str) -> Slices[bool]:
    """Return whether the context of a sentence prevents it from filling a slot.

    The message or the question before it may be play, a joke or a story, or mention others while
    the sentence has no subject.
    """
    if slots.has_no_first_person(sentence) and (
        (yield from message.mentions_others()) or (yield from slots.mentions_others(asked))
    ):
        return True
    return (yield from message.is_fictional()) or (
        asked != "" and (yield from slots.is_fictional(asked))
    )
