"""Names of calls: a call that is made again tells what became of it the first time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from memfast._flows import checks
from memfast._flows.messages import Message
from memfast.errors import ConflictError, ValidationError, shown

MAX_KEY_CHARACTERS = 1_024
# The code of the conflict in which a key was used for something else.
REUSED = "CONFLICT_REUSED_KEY"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The name of a call.

    Attributes:
        name: Its scope and key, as the engine takes them.
        digest: Tells its input from that of another call.
    """

    name: Mapping[str, str]
    digest: str = ""

    def of(self, messages: Sequence[Message], *, infer: bool) -> Receipt:
        """Return the name of a call with this input."""
        # Not at the top: OpenSSL takes milliseconds to load.
        import hashlib
        import json

        said = [[one.role, one.content, one.name, one.images] for one in messages]
        text = json.dumps([infer, said])
        return replace(self, digest=hashlib.blake2b(text.encode(), digest_size=16).hexdigest())


def receipt_of(scope: Mapping[str, str], key: object) -> Receipt | None:
    """Return the name of a call, where it has one."""
    if key is None:
        return None
    if not isinstance(key, str) or not 0 < len(key) <= MAX_KEY_CHARACTERS:
        raise ValidationError(
            f"idempotency_key must be text of 1 to {MAX_KEY_CHARACTERS} characters, "
            f"not {shown(key)}",
            details={"idempotency_key": key},
        )
    return Receipt({**scope, "key": checks.unicode_text("idempotency_key", key)})


def noted(receipt: Receipt | None, told: Mapping[str, Any]) -> dict[str, str] | None:
    """Return a receipt as the engine takes it, with what to tell when the call is made again.

    Args:
        receipt: The name of the call.
        told: The outcome; `results` has one for each operation, None for what is not told.
    """
    if receipt is None:
        return None
    import json

    note = json.dumps({"digest": receipt.digest, "told": told}, default=str)
    return {**receipt.name, "note": note}


def repeated(receipt: Receipt, ids: Sequence[str | None], note: str) -> dict[str, Any]:
    """Return the outcome of the first call of a name, with `repeated` true.

    Stores of older versions kept no outcome: its `status` is then "repeated".

    Raises:
        ConflictError: The name was used for another input.
    """
    if not note:
        return {"results": [], "status": "repeated", "repeated": True}
    import json

    kept = json.loads(note)
    if kept["digest"] != receipt.digest:
        key = receipt.name["key"]
        raise ConflictError(
            f"idempotency_key {shown(key)} was used for other messages in this scope",
            REUSED,
            details={"idempotency_key": key},
            suggestion="Give each call a key of its own.",
        )
    told: dict[str, Any] = kept["told"]
    pairs = zip(ids, told["results"], strict=True)
    results = [{"id": one, **result} for one, result in pairs if one is not None and result]
    return with_status({**told, "results": results, "repeated": True})


def with_status(told: dict[str, Any]) -> dict[str, Any]:
    """Return an outcome whose status says so where nothing was stored."""
    if told["status"] == "stored" and not told["results"]:
        told["status"] = "empty"
    return told
