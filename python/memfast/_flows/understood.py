"""What was understood of messages, and which were not, with the reasons."""

from __future__ import annotations

from dataclasses import dataclass, field

from memfast.errors import AuthenticationError, ConfigurationError, DependencyError, MemfastError
from memfast.extraction.decisions import Decision, Rejected
from memfast.extraction.facts import Turn
from memfast.extraction.reply import Reading

# Failures that last until the settings are right: they are raised, and nothing is stored or queued.
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
        answered: Whether a model answered, and its answer could not be used.
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
