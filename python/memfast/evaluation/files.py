"""Files of conversations with questions, checked."""

from __future__ import annotations

import json
import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from pathlib import Path

from pydantic import BaseModel, ConfigDict, StrictInt, StrictStr, TypeAdapter
from pydantic import ValidationError as PydanticError

from memfast.config import expanded
from memfast.errors import RowError, ValidationError, shown

log = logging.getLogger("memfast")

MONTHS = "january february march april may june july august september october november december"
NUMBERS = {name: number for number, name in enumerate(MONTHS.split(), 1)}
NUMBERS |= {name[:3]: number for name, number in NUMBERS.items()} | {"sept": 9}
# Year, month and day, in the orders in which dates are written.
FORMS = (
    re.compile(r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)"),
    re.compile(r"(?P<d>\d+)\.(?P<m>\d+)\.(?P<y>\d{4})"),
    re.compile(r"(?P<m>[A-Za-z]+)-(?P<d>\d+)-(?P<y>\d{4})"),
    re.compile(r"(?P<d>\d+) (?P<m>[A-Za-z]+),? (?P<y>\d{4})"),
)
FORMAT = (
    "A file is a JSON list of conversations, each with `id`, `turns` (`id`, `session`, `date`, "
    "`speaker`, `text`) and `questions` (`question`, `evidence`, `category`)."
)
# Lists of the file, and what messages call their entries.
ENTRIES = {"turns": "turn", "questions": "question", "evidence": "evidence"}


class _Entry(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Turn(_Entry):
    """What a speaker said.

    Attributes:
        id: Its id, such as "D1:3".
        speaker: A name, or "user" or "assistant"; empty where nobody is named.
        text: The text.
        session: The session that it belongs to; None for none.
        date: The day of the session in one of `FORMS`; None where it is not known.
        image_caption: What its image shows.
    """

    id: StrictStr
    speaker: StrictStr = ""
    text: StrictStr
    session: StrictInt | StrictStr | None = None
    date: StrictStr | None = None
    image_caption: StrictStr | None = None

    @property
    def content(self) -> str:
        """The text, with what its image shows."""
        return self.text + (f" [shares {self.image_caption}]" if self.image_caption else "")


class Question(_Entry):
    """A question, with the ids of the turns that answer it."""

    question: StrictStr
    evidence: list[StrictStr]
    category: StrictInt | StrictStr | None = None


class Conversation(_Entry):
    """Turns in their order, and questions about them."""

    id: StrictStr
    turns: list[Turn]
    questions: list[Question]

    def sessions(self) -> Iterator[tuple[str | None, list[Turn]]]:
        """Yield the turns that follow each other in one session, with its name."""
        for session, turns in groupby(self.turns, key=lambda turn: turn.session):
            yield None if session in {None, ""} else str(session), list(turns)


def read(path: str | Path) -> list[Conversation]:
    """Return the conversations of a file.

    A date in a form that is not known counts as none; how many there are is logged.

    Raises:
        ValidationError: There is no such file, or it is not JSON.
        RowError: An entry is not as it must be; the message names it.
    """
    place = expanded(path)
    if not place.is_file():
        raise ValidationError(f"there is no file {str(place)!r}", details={"path": str(place)})
    try:
        given = json.loads(place.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValidationError(
            f"{str(place)!r} is not JSON: {error}", details={"path": str(place)}, suggestion=FORMAT
        ) from None
    try:
        found = TypeAdapter(list[Conversation]).validate_python(given)
    except PydanticError as error:
        first = error.errors()[0]
        raise _bad(first["loc"], f"{first['msg']}, but is {shown(first['input'])}") from None
    if not found:
        raise RowError("the file holds no conversation", suggestion=FORMAT)
    _check(found)
    return found


def _check(conversations: Sequence[Conversation]) -> None:
    """Raise RowError for an id that is there twice, or that names no turn; count odd dates."""
    for twice in _repeated(one.id for one in conversations):
        raise RowError(f"two conversations have the id {shown(twice)}", suggestion=FORMAT)
    odd: list[str] = []
    for at, conversation in enumerate(conversations):
        ids = {turn.id for turn in conversation.turns}
        for twice in _repeated(turn.id for turn in conversation.turns):
            raise _bad((at, "turns"), f"two turns have the id {shown(twice)}")
        for number, question in enumerate(conversation.questions):
            place = (at, "questions", number)
            if not question.question.strip():
                raise _bad(place, "the question is empty")
            for turn_id in question.evidence:
                if turn_id not in ids:
                    raise _bad(place, f"its evidence {shown(turn_id)} is the id of no turn")
        odd += [turn.date for turn in conversation.turns if turn.date and not day_of(turn.date)]
    if odd:
        log.warning(
            "%d dates are in no known form and left out, such as %s", len(odd), shown(odd[0])
        )


def _repeated(ids: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(ids).items() if count > 1]


def _bad(place: Sequence[int | str], reason: str) -> RowError:
    """Return the error about an entry.

    >>> print(_bad((1, "turns", 4, "text"), "must be text"))
    conversation 2, turn 5, text: must be text
    """
    names, last = [], "conversation"
    for part in place:
        if isinstance(part, int):
            names.append(f"{last} {part + 1}")
        elif part in ENTRIES:
            last = ENTRIES[part]
        elif part in Turn.model_fields | Question.model_fields | Conversation.model_fields:
            # The rest names a branch of a union.
            names.append(part)
    if place and place[-1] in ENTRIES:
        names.append(str(place[-1]))
    entry = ", ".join(names) or "the file"
    return RowError(f"{entry}: {reason}", details={"entry": entry}, suggestion=FORMAT)


def day_of(stamp: str | None) -> date | None:
    """Return the day that a time stamp names; None if it is in no known form.

    >>> texts = ["2023-05-08T10:00", "8.5.2023", "May-8-2023", "1:56 pm on 8 May, 2023"]
    >>> {str(day_of(text)) for text in texts}
    {'2023-05-08'}
    """
    for form in FORMS:
        if (found := form.search(stamp or "")) is None:
            continue
        month = found["m"].lower()
        try:
            number = int(month) if month.isdigit() else NUMBERS[month]
            return date(int(found["y"]), number, int(found["d"]))
        except (ValueError, KeyError):
            continue
    return None
