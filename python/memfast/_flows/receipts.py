"""Idempotency keys: a call that is made again returns what it did the first time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from memfast._flows import checks
from memfast.errors import ConflictError, ValidationError, shown
from memfast.stores.protocol import Receipt, Scope

if TYPE_CHECKING:
    from memfast._flows.messages import Message
    from memfast.stores.protocol import Known
    from memfast.types import Added, AddResult

MAX_KEY_CHARACTERS = 1_024
# The code of the conflict in which a key was used for something else.
REUSED = "CONFLICT_REUSED_KEY"


@dataclass(frozen=True, slots=True)
class Call:
    """A call that has a key.

    Attributes:
        scope: Whose memories it is about.
        key: The key.
        digest: Hash of its input, by which a key that is used for another input is seen.
    """

    scope: Scope
    key: str
    digest: str = ""

    @property
    def receipt(self) -> Receipt:
        """Return the name of its write."""
        return Receipt(self.scope, self.key)

    def of(self, messages: Sequence[Message], *, infer: bool) -> Call:
        """Return the same call with the digest of its input."""
        # Not at the top: OpenSSL takes milliseconds to load.
        import hashlib
        import json

        said = [[one.role, one.content, one.name, one.images] for one in messages]
        text = json.dumps([infer, said])
        return replace(self, digest=hashlib.blake2b(text.encode(), digest_size=16).hexdigest())


def call_of(scope: Scope, key: object) -> Call | None:
    """Return a call with a key; None where it has none."""
    if key is None:
        return None
    if not isinstance(key, str) or not 0 < len(key) <= MAX_KEY_CHARACTERS:
        raise ValidationError(
            f"idempotency_key must be text of 1 to {MAX_KEY_CHARACTERS} characters, "
            f"not {shown(key)}",
            details={"idempotency_key": key},
        )
    return Call(scope, checks.unicode_text("idempotency_key", key))


def noted(
    call: Call | None, outcome: AddResult, results: Sequence[Mapping[str, object] | None]
) -> Receipt | None:
    """Return the name of a write with the outcome to return when the call is made again.

    Args:
        call: The call.
        outcome: What it returns, but for its results.
        results: The result of each operation; None for one without.
    """
    if call is None:
        return None
    import json

    # "told" is the key in the notes of all versions.
    note = {"digest": call.digest, "told": {**outcome, "results": results}}
    return call.receipt._replace(note=json.dumps(note, default=str))


def repeated(call: Call, known: Known) -> AddResult:
    """Return the outcome of the first call with this key, with `repeated` true.

    Stores of older versions kept no outcome: its `status` is then "repeated".

    Raises:
        ConflictError: The key was used for another input.
    """
    if not known.note:
        return {"results": [], "status": "repeated", "repeated": True}
    import json

    kept = json.loads(known.note)
    if kept["digest"] != call.digest:
        raise ConflictError(
            f"idempotency_key {shown(call.key)} was used for other messages in this scope",
            REUSED,
            details={"idempotency_key": call.key},
            suggestion="Give each call a key of its own.",
        )
    outcome: AddResult = kept["told"]
    pairs = zip(known.ids, outcome["results"], strict=True)
    results = [{"id": one, **result} for one, result in pairs if one is not None and result]
    return with_status({**outcome, "results": cast("list[Added]", results), "repeated": True})


def with_status(outcome: AddResult) -> AddResult:
    """Return an outcome whose status is "empty" where nothing was stored."""
    if outcome["status"] == "stored" and not outcome["results"]:
        outcome["status"] = "empty"
    return outcome
