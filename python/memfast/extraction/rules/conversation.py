"""A conversation as rules read it: each message with what was said before it."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from memfast.extraction.rules import corrections, referents
from memfast.extraction.rules.corrections import Correction
from memfast.extraction.rules.speech import Speech, key_of
from memfast.extraction.rules.statements import Statement, of_agent, of_user
from memfast.extraction.rules.window import CHARACTERS, MESSAGES
from memfast.extraction.rules.words import words_of
from memfast.extraction.slices import Slices

# Statements of one message are joined to facts of up to this many characters: short ones lack
# context alone.
PASSAGE = 120
# Messages back to a speaker's own one that a correction may be about.
CORRECTED = 2

Passage = Sequence[Statement]


@dataclass(slots=True)
class Heard:
    """A message of the conversation.

    Attributes:
        speech: The message.
        before: The message before it.
        passages: Its statements, those of each fact together; None until they are needed.
    """

    speech: Speech
    before: Speech | None
    passages: list[list[Statement]] | None = None


@dataclass(frozen=True, slots=True)
class Corrected:
    """A passage with another value.

    Attributes:
        wrong: The message and the passage as they were.
        passage: The passage as it is meant.
    """

    wrong: tuple[Speech, Passage]
    passage: Passage


class Conversation:
    """The messages so far.

    Args:
        fillers: Words without content, and the names of the speakers.
        speakers: The names of the speakers, in lower case.
        agent: Whether what the assistant says about itself is kept too.
    """

    def __init__(self, fillers: frozenset[str], speakers: Collection[str], *, agent: bool) -> None:
        self._fillers = fillers
        self._speakers = speakers
        self._agent = agent
        self._heard: deque[Heard] = deque(maxlen=MESSAGES)

    def hear(self, speech: Speech) -> Heard:
        """Add a message."""
        before = self._heard[-1].speech if self._heard else None
        heard = Heard(speech, before)
        self._heard.append(heard)
        return heard

    def read(self, heard: Heard, known: Collection[tuple[str, ...]] = ()) -> Slices[None]:
        """Find the statements of a message.

        Args:
            heard: The message; one that is not the last is read as if it were.
            known: Keys of statements that are left out.
        """
        if heard.passages is not None:
            return
        speech = heard.speech
        if not speech.by_agent:
            statements = of_user(speech, heard.before, self._fillers)
        else:
            statements = of_agent(speech, heard.before) if self._agent else iter(())
        fresh: list[Statement] = []
        for item in statements:
            yield
            if item is not None and not (known and key_of(item.text) in known):
                fresh.append(item)
        heard.passages = [self._resolved(heard, passage) for passage in _passages(fresh)]

    def corrected(self, heard: Heard) -> Slices[Corrected | None]:
        """Take the correction out of the message that makes one.

        What its speaker corrects in the same message is changed there.

        Returns:
            The passage of an earlier message with the right value; None where there is none.
        """
        speech = heard.speech
        if speech.by_agent:
            return None
        for at, (sentence, _) in enumerate(speech.sentences):
            correction = corrections.correction_of(sentence)
            yield
            if correction is None:
                continue
            own = _in_message(speech, at, correction)
            if own is not None:
                heard.speech = own
                return None
            if at > 0 or _answers(heard, sentence):
                return None
            found = yield from self._earlier(heard, correction)
            if found is not None:
                rest = speech.sentences[:at] + speech.sentences[at + 1 :]
                heard.speech = replace(speech, sentences=rest)
            return found
        return None

    def _earlier(self, heard: Heard, correction: Correction) -> Slices[Corrected | None]:
        own = [one for one in self._heard if one is not heard][-CORRECTED:]
        for one in reversed(own):
            if one.speech.by_agent or one.speech.subject != heard.speech.subject:
                continue
            yield from self.read(one)
            for passage in reversed(one.passages or []):
                for at, statement in reversed(list(enumerate(passage))):
                    text = correction.of(statement.text)
                    if text is None:
                        continue
                    right = statement._replace(text=text, words=words_of(text))
                    return Corrected(
                        (one.speech, passage), [*passage[:at], right, *passage[at + 1 :]]
                    )
            return None
        return None

    def _resolved(self, heard: Heard, passage: list[Statement]) -> list[Statement]:
        """Return a passage with the name behind its first pronoun, where one fits."""
        for at, statement in enumerate(passage):
            if not referents.has_pronoun(statement.words):
                continue
            before = self._said_before(heard, passage[0])
            beside = " ".join(one.text for one in passage[:at])
            if statement.context and referents.explains(statement.context.partition(": ")[2]):
                break
            text = referents.resolved(statement.text, before, self._speakers, beside)
            if text != statement.text:
                named = statement._replace(text=text, words=words_of(text), meant=True)
                return [*passage[:at], named, *passage[at + 1 :]]
            break
        return passage

    def _said_before(self, heard: Heard, first: Statement) -> list[Sequence[str]]:
        """Return the sentences before a statement, by message."""
        messages: list[Sequence[str]] = []
        left = CHARACTERS
        every = list(self._heard)
        for one in reversed(every[: _index(every, heard)]):
            sentences = [sentence for sentence, _ in one.speech.sentences]
            left -= sum(map(len, sentences))
            if left < 0:
                break
            messages.append(sentences)
        messages.reverse()
        texts = [sentence for sentence, _ in heard.speech.sentences]
        until = next((at for at, text in enumerate(texts) if first.text in text), 0)
        messages.append(texts[:until])
        return messages


def _index(every: Sequence[Heard], heard: Heard) -> int:
    return next((at for at, one in enumerate(every) if one is heard), len(every))


def _answers(heard: Heard, sentence: str) -> bool:
    """Return whether a sentence answers the question of somebody else, and so corrects nothing."""
    before = heard.before
    if before is None or not before.asked or before.subject == heard.speech.subject:
        return False
    return not corrections.says_meant(sentence)


def _in_message(speech: Speech, at: int, correction: Correction) -> Speech | None:
    """Return a message whose sentence before its correction has the right value."""
    for place in range(at - 1, -1, -1):
        sentence, item = speech.sentences[place]
        text = correction.of(sentence)
        if text is not None and not sentence.endswith("?"):
            sentences = list(speech.sentences)
            sentences[place] = (text, item)
            del sentences[at]
            return replace(speech, sentences=tuple(sentences))
    return None


def _passages(statements: Sequence[Statement]) -> Iterator[list[Statement]]:
    """Yield the statements of each fact."""
    passage: list[Statement] = []
    length = 0
    for statement in statements:
        length += len(statement.text)
        joined = length <= PASSAGE and not (statement.alone or statement.context)
        if passage and (not joined or passage[-1].alone or passage[-1].item != statement.item):
            yield passage
            passage = []
            length = len(statement.text)
        passage.append(statement)
        length += 1
    if passage:
        yield passage
