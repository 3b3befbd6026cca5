"""Deterministic, offline parts for tests of programs that use memfast."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from memfast.errors import LLMError
from memfast.types import Prompt, Reply

if TYPE_CHECKING:
    from memfast.memory import Memory

WORD = re.compile(r"\w+")
TRIGRAM = 3
Answer = str | Reply | BaseException | Mapping[str, Any]
Scripted = Answer | Callable[[Prompt], Answer]


class HashEmbedder:
    """Embeds by hashing words and their letter trigrams: alike texts have alike vectors.

    >>> HashEmbedder(dim=4).embed(["hello"]) == HashEmbedder(dim=4).embed(["hello"])
    True
    """

    name = "hash"
    local = True
    instant = True

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


class MeanwhileEmbedder(HashEmbedder):
    """A `HashEmbedder` that lets something else happen while it embeds.

    It stands between what a call reads and what it commits, so that a test can put another call
    there.

    >>> embedder = MeanwhileEmbedder()
    >>> embedder.meanwhile = lambda: print("another call")
    >>> _ = embedder.embed(["hello"])
    another call

    Attributes:
        meanwhile: Called by the next `embed`, and by none after it; None for nothing.
        texts: All texts embedded so far.
    """

    def __init__(self, dim: int = 256) -> None:
        super().__init__(dim)
        self.meanwhile: Callable[[], object] | None = None
        self.texts: list[str] = []

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return one unit vector per text, after what happens meanwhile."""
        self.texts += texts
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        return super().embed(texts)


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


class FakeLLM:
    """A language model that answers what it was given, and remembers what it was asked.

    >>> llm = FakeLLM(["yes", {"facts": []}])
    >>> llm.complete(Prompt([{"role": "user", "content": "tea?"}])).text
    'yes'
    >>> llm.complete(Prompt([])).text, len(llm.prompts)
    ('{"facts": []}', 2)

    Args:
        replies: The answers in their order, or a function from prompt to answer. An answer is a
            text, a `Reply`, a dict (sent as JSON), an exception, which is raised, or a function
            from prompt to one of these.

    Attributes:
        prompts: What it was asked.
        replies: All that it was given; more may be added.
    """

    name = "fake"

    def __init__(self, replies: Iterable[Scripted] | Callable[[Prompt], Answer]) -> None:
        self.prompts: list[Prompt] = []
        self._answers = replies if callable(replies) else None
        self.replies: list[Scripted] = [] if callable(replies) else list(replies)

    def complete(self, prompt: Prompt) -> Reply:
        """Return the next answer.

        Raises:
            LLMError: There is none left.
        """
        self.prompts.append(prompt)
        scripted: Scripted
        if self._answers is not None:
            scripted = self._answers
        elif len(self.prompts) <= len(self.replies):
            scripted = self.replies[len(self.prompts) - 1]
        else:
            raise LLMError(
                f"FakeLLM was given {len(self.replies)} replies and asked {len(self.prompts)} "
                "times",
                details={"replies": len(self.replies), "asked": len(self.prompts)},
                suggestion="Give it one reply for each call, or a function.",
            )
        answer = scripted(prompt) if callable(scripted) else scripted
        if isinstance(answer, BaseException):
            raise answer
        if isinstance(answer, Reply):
            return answer
        return Reply(answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False))

    async def acomplete(self, prompt: Prompt) -> Reply:
        """Return the next answer, as `complete` does."""
        return self.complete(prompt)


def fake_memory(**options: Any) -> Memory:
    """Return a memory without files, with a `HashEmbedder`; options go to `Memory`."""
    from memfast.memory import Memory

    return Memory(**{"path": ":memory:", "embedder": HashEmbedder(), **options})
