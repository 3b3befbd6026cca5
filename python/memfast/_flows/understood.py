"""What was made of messages, and why nothing was made of others."""

from __future__ import annotations

from dataclasses import dataclass, field

from memfast.errors import AuthenticationError, ConfigurationError, DependencyError, MemfastError
from memfast.extraction.decisions import Decision, Rejected
from memfast.extraction.facts import Turn
from memfast.extraction.reply import Reading

# Failures that the same call will meet until the settings are right: they are raised, and nothing
# is stored or put aside.
UNUSABLE = (AuthenticationError, ConfigurationError, DependencyError)


def reason_of(failure: MemfastError) -> str:
    """Return why messages wait, after a failure of the model."""
    return f"{type(failure).__name__}: {failure.message}"


@dataclass(frozen=True, slots=True)
class Unread:
    """Messages that nothing was made of yet.

    Attributes:
        turns: The messages.
        reason: Why.
        answered: Whether a model answered what cannot be used; not, where it could not be asked.
    """

    turns: tuple[Turn, ...]
    reason: str
    answered: bool = False


@dataclass(slots=True)
class Understood:
    """What was made of messages.

    Attributes:
        decisions: What to add, change and end.
        rejected: Items of replies that were not kept, with why.
        unread: Messages that nothing was made of yet, with why.
        calls: How often the model was asked.
    """

    decisions: list[Decision] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    calls: int = 0

    def take(self, reading: Reading) -> None:
        """Add what a reply holds."""
        self.decisions += reading.decisions
        self.rejected += reading.rejected
