"""Model objects of LangChain: their own methods are called, so no package is needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias, cast, runtime_checkable

from memfast.errors import ConfigurationError
from memfast.providers.http.dialect import spelled_out
from memfast.types import Prompt, Reply, Vectors

# LangChain's names of the roles.
ROLES = {"user": "human", "assistant": "ai", "system": "system"}
CUT = frozenset({"length", "max_tokens", "MAX_TOKENS"})
Messages: TypeAlias = list[tuple[str, object]]


@runtime_checkable
class ChatModel(Protocol):
    """A chat model."""

    def invoke(self, messages: Messages, /) -> object:
        """Return a message, or text."""
        ...


@runtime_checkable
class Embeddings(Protocol):
    """An embedder."""

    def embed_query(self, text: str, /) -> Sequence[float]:
        """Return the vector of one text."""
        ...


def named(model: object) -> str:
    """Return a name that differs between two models of one class."""
    inner = getattr(model, "model", None) or getattr(model, "model_name", None)
    own = f"langchain:{type(model).__qualname__}"
    return f"{own}:{inner}" if isinstance(inner, str) else own


class LangChainLLM:
    """A chat model of LangChain, or any object with `invoke`.

    Args:
        model: The object.

    Raises:
        ConfigurationError: It has no `invoke`.
    """

    def __init__(self, model: object = None) -> None:
        if not isinstance(model, ChatModel):
            raise ConfigurationError(
                f"the langchain language model must be an object with invoke(messages); "
                f"{type(model).__name__} has none",
                suggestion='Write {"provider": "langchain", "config": {"model": OBJECT}}.',
            )
        self.name = named(model)
        self._model = model
        if callable(ainvoke := getattr(model, "ainvoke", None)):
            self._ainvoke = ainvoke
            self.acomplete = self._acomplete

    def complete(self, prompt: Prompt) -> Reply:
        """Return the model's answer."""
        return _reply(self._model.invoke(_messages(prompt)))

    async def _acomplete(self, prompt: Prompt) -> Reply:
        return _reply(await self._ainvoke(_messages(prompt)))


class LangChainEmbedder:
    """Embeddings of LangChain.

    Args:
        model: The object.
        embedding_dims: Dimensions of its vectors; None if not known.

    Raises:
        ConfigurationError: It has no `embed_query`.
    """

    def __init__(self, model: object = None, *, embedding_dims: int | None = None) -> None:
        if not isinstance(model, Embeddings):
            raise ConfigurationError(
                f"the langchain embedder must be an object with embed_query(text); "
                f"{type(model).__name__} has none",
                suggestion='Write {"provider": "langchain", "config": {"model": OBJECT}}.',
            )
        self.name = self.fingerprint = named(model)
        self.dim = embedding_dims
        self._model = model
        if callable(many := getattr(model, "aembed_documents", None)):
            self._many = many
            self.aembed = self._aembed

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per text, in their order."""
        if callable(many := getattr(self._model, "embed_documents", None)):
            vectors: Vectors = many(list(texts))
            return vectors
        return [self._model.embed_query(text) for text in texts]

    async def _aembed(self, texts: Sequence[str]) -> Vectors:
        vectors: Vectors = await self._many(list(texts))
        return vectors


def _messages(prompt: Prompt) -> Messages:
    return [(ROLES.get(one["role"], one["role"]), one["content"]) for one in spelled_out(prompt)]


def _reply(answer: object) -> Reply:
    content = getattr(answer, "content", answer)
    if isinstance(content, list):
        parts = [part.get("text", "") if isinstance(part, dict) else part for part in content]
        content = "".join(part for part in parts if isinstance(part, str))
    metadata = getattr(answer, "response_metadata", None)
    metadata = metadata if isinstance(metadata, dict) else {}
    ended = metadata.get("finish_reason") or metadata.get("stop_reason")
    # The adapter refuses a content that is not text.
    text = cast("str", content)
    return Reply(text, "length" if isinstance(ended, str) and ended in CUT else "stop")
