"""Deterministic, offline parts for tests of programs that use memfast."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from memfast.types import Prompt, Reply

if TYPE_CHECKING:
    from memfast.memory import Memory

WORD = re.compile(r"\w+")
TRIGRAM = 3


class HashEmbedder:
    """Embeds by hashing words and their letter trigrams: alike texts have alike vectors.

    >>> HashEmbedder(dim=4).embed(["hello"]) == HashEmbedder(dim=4).embed(["hello"])
    True
    """

    name = "hash"
    local = True

    def __init__(self, dim: int = 256) -> None:
        self.dim = dim
        self.fingerprint = f"blake2b-{dim}"

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return one unit vector per text."""
        return [self._vector(text) for text in texts]

    def _vector(self, text: str) -> list[float]:
        vector = [0.0] * self.dim
        for feature, weight in features(text):
            digest = int.from_bytes(
                blake2b(feature.encode("utf-8", "replace"), digest_size=8).digest(), "little"
            )
            vector[(digest >> 1) % self.dim] += weight if digest & 1 else -weight
        length = math.sqrt(sum(value * value for value in vector))
        if length == 0:
            # Features may cancel out; the vector must still have a direction.
            vector[0] = length = 1.0
        return [value / length for value in vector]


Scripted = str | Reply | Exception | Callable[[Prompt], "str | Reply"]


class FakeLLM:
    """A language model that answers what it was told to, in that order.

    Args:
        replies: Texts, replies, errors to raise, or functions of the prompt.

    Attributes:
        prompts: What it was asked.
        replies: What it has yet to answer.

    >>> llm = FakeLLM(["first"])
    >>> llm.complete(Prompt([{"role": "user", "content": "well?"}])).text
    'first'
    """

    name = "fake"

    def __init__(self, replies: Sequence[Scripted] = ()) -> None:
        self.replies = list(replies)
        self.prompts: list[Prompt] = []

    def complete(self, prompt: Prompt) -> Reply:
        """Return the next reply."""
        self.prompts.append(prompt)
        if not self.replies:
            asked = str(prompt.messages[-1].get("content"))
            raise AssertionError(f"FakeLLM has no reply left for: {asked[:500]}")
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        answer = reply if isinstance(reply, str | Reply) else reply(prompt)
        return Reply(answer) if isinstance(answer, str) else answer

    async def acomplete(self, prompt: Prompt) -> Reply:
        """Return the next reply."""
        return self.complete(prompt)


def features(text: str) -> Iterator[tuple[str, float]]:
    """Yield the words of a text and their trigrams with weights; the text itself if it has none."""
    words = WORD.findall(text.lower())
    for word in words:
        yield word, 1.0
        padded = f"^{word}$"
        for start in range(len(padded) - TRIGRAM + 1):
            yield padded[start : start + TRIGRAM], 0.3
    if not words:
        yield text, 1.0


def fake_memory(**options: Any) -> Memory:
    """Return a memory without files, with a `HashEmbedder`; options go to `Memory`."""
    from memfast.memory import Memory

    return Memory(**{"path": ":memory:", "embedder": HashEmbedder(), **options})
