"""The turn of a call that makes memories of messages: one call at a time about a user."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from memfast._steps import Flow, Wait

if TYPE_CHECKING:
    from memfast._context import Context
    from memfast._turns import Ticket
    from memfast.stores.protocol import Scope

log = logging.getLogger("memfast")

# Seconds that a call waits for those before it; a model may take long, or never answer.
PATIENCE = 60.0


class Turn:
    """One call's turn among those about the same memories; `leave` must be called in the end.

    Args:
        context: Holds the queues.
        scope: What those calls have in common.
    """

    def __init__(self, context: Context, scope: Scope) -> None:
        self._turns = context.turns
        self._scope = scope
        self._ticket: Ticket | None = None

    def take(self) -> Flow[bool]:
        """Wait for the turn; a call that has it goes on.

        Returns:
            Whether it had to wait, so that what it read before may have changed.
        """
        if self._ticket is not None:
            return False
        self._ticket = self._turns.enter(self._scope)
        if self._ticket.comes is not None:
            try:
                yield Wait(self._ticket.comes, PATIENCE)
            except TimeoutError:
                log.warning("a call goes on beside another one that takes over %g s", PATIENCE)
        return self._ticket.comes is not None

    def leave(self) -> None:
        """Let the next one go on."""
        if self._ticket is not None:
            self._turns.leave(self._scope, self._ticket)
            self._ticket = None
