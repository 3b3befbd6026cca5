"""Facts from conversation by rules alone: no model, no network."""

from functools import lru_cache

from memfast.extraction.facts import Turn
from memfast.extraction.rules.extract import extract, extracting
from memfast.extraction.rules.merge import says_the_same

__all__ = ["extract", "extracting", "says_the_same", "slot_of"]


@lru_cache(maxsize=4096)
def slot_of(text: str) -> str | None:
    """Return the slot that the text of a memory fills; None if it fills none.

    >>> slot_of("My favourite colour is blue") == slot_of("My favourite colour is now green")
    True
    """
    facts = extract([Turn(0, "user", text)])
    return facts[0].slot if len(facts) == 1 else None
