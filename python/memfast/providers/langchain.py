"""Model objects of LangChain, which need no package of memfast's: their own methods are called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from memfast.errors import ConfigurationError
from memfast.providers.http.dialect import spelled_out
from memfast.types import Prompt, Reply, Vectors

# LangChain's names of the roles.
ROLES = {"user": "human", "assistant": "ai", "system": "system"}
CUT = frozenset({"length", "max_tokens", "MAX_TOKENS"})


@runtime_checkable
class ChatModel(Protocol):
    """What is asked with messages."""

    def invoke(self, messages: Any, /) -> Any:
        """Return a message, or text."""
        ...


@runtime_checkable
class Embeddings(Protocol):
    """What makes vectors of texts."""

    def embed_query(self, text: str, /) -> Any:
        """Return the vector of one text."""
        ...


def named(model: object) -> str:
    """Return a name that another model of the same class does not have."""
    inner = getattr(model, "model", None) or getattr(model, "model_name", None)
    own = f"langchain:{type(model).__qualname__}"
    return f"{own}:{inner}" if isinstance(inner, str) else own


class LangChainLLM:
    """A chat model of LangChain, or whatever has its `invoke`.

    Args:
        model: The object.

    Raises:
        ConfigurationError: It has no `invoke`.
    """

    def __init__(self, model: object = None) -> None:
        if not isinstance(model, ChatModel):
            raise ConfigurationError(
                f"the langchain language model must be an object with invoke(messages), which "
                f"{type(model).__name__} has not",
                suggestion='Write {"provider": "langchain", "config": {"model": OBJECT}}.',
            )
        self.name = named(model)
        self._model: Any = model
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
        embedding_dims: Dimensions of its vectors; None takes what it gives.

    Raises:
        ConfigurationError: It has no `embed_query`.
    """

    def __init__(self, model: object = None, *, embedding_dims: int | None = None) -> None:
        if not isinstance(model, Embeddings):
            raise ConfigurationError(
                f"the langchain embedder must be an object with embed_query(text), which "
                f"{type(model).__name__} has not",
                suggestion='Write {"provider": "langchain", "config": {"model": OBJECT}}.',
            )
        self.name = self.fingerprint = named(model)
        self.dim = embedding_dims
        self._model: Any = model
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


def _messages(prompt: Prompt) -> list[tuple[str, Any]]:
    asked = prompt.messages if prompt.schema is None else spelled_out(prompt)
    return [(ROLES.get(one["role"], one["role"]), one["content"]) for one in asked]


def _reply(answer: Any) -> Reply:
    content = getattr(answer, "content", answer)
    if isinstance(content, list):
        parts = [part.get("text", "") if isinstance(part, dict) else part for part in content]
        content = "".join(part for part in parts if isinstance(part, str))
    about = getattr(answer, "response_metadata", None)
    about = about if isinstance(about, dict) else {}
    ended = about.get("finish_reason") or about.get("stop_reason")
    return Reply(content, "length" if isinstance(ended, str) and ended in CUT else "stop")
