"""Whether a new statement outdates an old one.

A wrong answer ends what is true, a missed one leaves an outdated memory beside the new one; so all
that is not clear is no change.
"""

from __future__ import annotations

from collections.abc import Iterator

from memfast.extraction.rules.change import cues, elsewhere
from memfast.extraction.rules.change.ends import ends
from memfast.extraction.rules.change.readings import Reading
from memfast.extraction.rules.change.revalue import revalued
from memfast.extraction.rules.change.verdicts import DOUBT, ENDS, NOTHING, Outcome, Verdict


def compare(new: Reading, old: Reading) -> Verdict:
    """Return what a new statement does to an old one."""
    if new.speaker != old.speaker or new.low == old.low:
        return NOTHING
    if elsewhere.moved_away(new.low, old.low) or elsewhere.has_ended(new.low, old.low):
        return ENDS
    if cues.SUPPOSED.search(new.low):
        return NOTHING
    doubtful = NOTHING
    for verdict in _verdicts(new, old):
        if verdict.outcome is Outcome.ENDS:
            return verdict
        doubtful = DOUBT if verdict.outcome is Outcome.DOUBT else doubtful
    return doubtful


def _verdicts(new: Reading, old: Reading) -> Iterator[Verdict]:
    certain = cues.DOUBTFUL.search(old.low) is None
    for clause in new.clauses:
        if cues.DOUBTFUL.search(clause.low):
            continue
        for known in old.clauses:
            if certain and ends(clause, known, new, old):
                yield ENDS
            yield revalued(clause, known, new)
