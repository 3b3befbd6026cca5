"""Stand-ins: facts that rules store of messages that wait for a model, until it has read them.

A stand-in ends no memory, so that nothing has to be undone when it goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from memfast._flows.copies import hash_of
from memfast._steps import Flow, work
from memfast.stores.protocol import Delete

if TYPE_CHECKING:
    from memfast._context import Context
    from memfast._flows.batch import Batch
    from memfast._flows.jobs import StandIn
    from memfast.extraction.decisions import Decision
    from memfast.stores.protocol import Store


def remove_unconfirmed(
    context: Context, batch: Batch, settled: Sequence[StandIn], decisions: Sequence[Decision]
) -> Flow[None]:
    """Delete the stand-ins of messages that a model has read, but for those that it confirms.

    Args:
        context: The store.
        batch: Takes the deletions.
        settled: The stand-ins.
        decisions: What the model decided: a stand-in with the text of a new fact stays. One that
            was changed or deleted by hand since is left alone.
    """
    confirmed = {hash_of(one.fact.text) for one in decisions if one.event == "ADD" and not one.over}
    doubtful = [one for one in settled if one.hash not in confirmed]
    if doubtful:
        for one in (yield from work(partial(_unchanged, context.store, doubtful))):
            batch.add(Delete(one.id))


def _unchanged(store: Store, stand_ins: Sequence[StandIn]) -> list[StandIn]:
    items = store.get([one.id for one in stand_ins])
    pairs = zip(stand_ins, items, strict=True)
    return [one for one, item in pairs if item is not None and item["hash"] == one.hash]
