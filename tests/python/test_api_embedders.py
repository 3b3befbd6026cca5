"""Embedders over real sockets: all vectors, valid and in order, or none."""

from __future__ import annotations

import asyncio
import base64
import struct
import threading
from typing import Any

import pytest

from memfast import Memory, errors
from memfast.providers import load_embedder
from memfast.providers.openai_embedder import OpenAIEmbedder
from tests.python.llm_server import Answer, Asked, Server, chat, refused, serving, vectors

KEY = "sk-very-secret-0123456789"


def packed(*numbers: float) -> str:
    return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()


def lengths(asked: Asked) -> Answer:
    """Embed each text as its length, last text first."""
    texts = asked.body["input"]
    rows = [[float(len(text)), 1.0] for text in texts]
    return vectors(*rows[::-1], indexes=list(range(len(texts)))[::-1])


def embedder(server: Server, **options: Any) -> OpenAIEmbedder:
    settings = {"base_url": server.url, "api_key": KEY, "backoff": 0.001, **options}
    return OpenAIEmbedder(settings.pop("model", "m"), **settings)


def embed(made: OpenAIEmbedder, texts: list[str], native: bool) -> list[list[float]]:
    async def ask() -> Any:
        try:
            return await made.aembed(texts)
        finally:
            await made.aclose()

    try:
        rows: Any = asyncio.run(ask()) if native else made.embed(texts)
        return [list(row) for row in rows]
    finally:
        made.close()


native = pytest.mark.parametrize("native", [False, True])


@native
def test_vectors_are_returned_in_the_order_of_the_texts(native: bool) -> None:
    texts = ["a" * count for count in (3, 1, 2, 5)]
    with serving(lengths) as server:
        made = embedder(server, batch=3)
        assert embed(made, texts, native) == [[3, 1], [1, 1], [2, 1], [5, 1]]
        assert sorted(len(body["input"]) for body in server.bodies) == [1, 3]
        assert made.dim == 2
        assert embed(made, [], native) == []


@native
@pytest.mark.parametrize("text", ["a" * 200_000, "\U0001f375" * 50_000])
def test_a_batch_has_a_limit_of_bytes(native: bool, text: str) -> None:
    with serving(lengths) as server:
        embed(embedder(server), [text, text, "c"], native)
    assert sorted(len(body["input"]) for body in server.bodies) == [1, 2]


@native
@pytest.mark.parametrize(
    "answer",
    [
        vectors([1.0, 2.0], [3.0, 4.0], indexes=[None, None]),
        vectors(packed(1, 2), packed(3, 4)),
        vectors([1, 2], packed(3, 4)),
    ],
)
def test_every_form_of_vectors_is_read(answer: Answer, native: bool) -> None:
    with serving(answer) as server:
        assert embed(embedder(server), ["a", "b"], native) == [[1, 2], [3, 4]]


@native
@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (vectors([1, 2]), "1 vectors for 2 texts"),
        (vectors([1, 2], [1, 2], [1, 2]), "3 vectors for 2 texts"),
        (vectors([1, 2], [1, 2], indexes=[0, 0]), "indexes"),
        (vectors([1, 2], [1, 2], indexes=[0, 2]), "indexes"),
        (vectors([1, 2], [1, 2], indexes=[0, None]), "indexes"),
        (vectors([1, 2], [1, 2, 3]), "vector 1 has 3 dimensions instead of 2"),
        (vectors([1, 2], [1, float("nan")]), "NaN"),
        (vectors([1, 2], [1, float("inf")]), "NaN"),
        (vectors([1, 2], [1, 1e300]), "NaN"),
        (vectors([1, 2], packed(1, float("nan"))), "NaN"),
        (vectors([1, 2], [0, 0]), "zero"),
        (vectors([1, 2], []), "zero"),
        (vectors([1, 2], [1, None]), "not a list of numbers"),
        (vectors([1, 2], None), "not a list of numbers"),
        (vectors([1, 2], "???"), "not a list of numbers"),
        (vectors([1, 2], packed(1, 2)[:-3]), "not a list of numbers"),
        (Answer({"data": None}), "no data"),
        (Answer("<html>"), "not a JSON object"),
        (chat(), "no data"),
        (refused(400, "too long"), "too long"),
    ],
)
def test_an_invalid_reply_is_an_embedding_error(answer: Answer, message: str, native: bool) -> None:
    with serving(answer) as server, pytest.raises(errors.EmbeddingError, match=message) as caught:
        embed(embedder(server), ["a", "b"], native)
    assert type(caught.value) is errors.EmbeddingError


@native
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refused(401, f"bad key {KEY}"), errors.AuthenticationError),
        (refused(429, "slow down"), errors.RateLimitError),
        (refused(503, "oh"), errors.NetworkError),
    ],
)
def test_refusals_raise_the_errors_of_language_models(
    answer: Answer, kind: type[errors.MemfastError], native: bool
) -> None:
    with serving(answer) as server, pytest.raises(kind) as caught:
        embed(embedder(server), ["a", "b"], native)
    assert KEY not in repr(caught.value)


@native
def test_dimensions_are_requested_and_checked(native: bool) -> None:
    with serving(vectors([1.0, 2.0])) as server:
        made = embedder(server, embedding_dims=2)
        assert embed(made, ["a"], native) == [[1, 2]]
        assert server.bodies[0]["dimensions"] == 2
        with pytest.raises(errors.EmbeddingError, match="2 dimensions instead of 3"):
            embed(embedder(server, embedding_dims=3), ["a"], native)


@native
def test_refused_dimensions_are_dropped_from_the_request(native: bool) -> None:
    complaint = refused(400, "Model does not support matryoshka representation")
    with serving(complaint, vectors([1.0, 2.0])) as server:
        assert embed(embedder(server, embedding_dims=2), ["a"], native) == [[1, 2]]
        assert "dimensions" not in server.bodies[1]


def test_concurrent_batches_may_each_have_their_dimensions_refused() -> None:
    # It opens only if all were sent before the first was refused.
    barrier = threading.Barrier(3, timeout=10)

    def script(asked: Asked) -> Answer:
        if "dimensions" not in asked.body:
            return lengths(asked)
        barrier.wait()
        return refused(400, "dimensions are not supported")

    with serving(script) as server:
        made = embedder(server, embedding_dims=2, batch=1)
        assert len(embed(made, ["a", "b", "c"], native=True)) == 3


@native
def test_an_empty_text_does_not_fail_its_batch(native: bool) -> None:
    with serving(lengths) as server:
        embed(embedder(server), ["", "a\ud800"], native)
    assert server.bodies[0]["input"] == [" ", "a?"]


def test_one_failed_batch_fails_all() -> None:
    with serving(lengths, refused(400, "no"), lengths) as server:
        for native in (False, True):
            with pytest.raises(errors.EmbeddingError):
                embed(embedder(server, batch=1), ["a", "b", "c"], native)
            server.script = lambda _: refused(400, "no")


def test_the_fingerprint_names_provider_model_and_dimensions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    known: Any = load_embedder("openai:text-embedding-3-small")
    asked: Any = load_embedder(
        {"provider": "openai", "config": {"model": "text-embedding-3-small", "embedding_dims": 64}}
    )
    local: Any = load_embedder("ollama:nomic-embed-text")
    default: Any = load_embedder("openai")
    assert (known.name, known.dim) == ("openai:text-embedding-3-small", 1536)
    assert (asked.name, asked.dim) == ("openai:text-embedding-3-small", 64)
    assert (local.name, local.dim) == ("ollama:nomic-embed-text", None)
    assert len({known.fingerprint, asked.fingerprint, local.fingerprint}) == 3
    assert default.fingerprint == known.fingerprint


def test_another_server_may_serve_other_dimensions_under_a_known_name() -> None:
    with serving(vectors([1.0, 0.0])) as server:
        config = {"model": "text-embedding-3-small", "api_key": KEY, "base_url": server.url}
        made: Any = load_embedder({"provider": "openai", "config": config})
        assert made.dim is None
        assert len(made.embed(["tea"])[0]) == 2
        made.close()
        known: Any = load_embedder({"provider": "openai", "config": {**config, "base_url": None}})
    assert made.fingerprint == known.fingerprint


def test_event_loops_use_the_cache_and_embedders_without_aembed() -> None:
    async def ask(made: Any) -> list[Any]:
        rows = [*await made.aembed(["a", "bb"]), *await made.aembed(["bb", "a"])]
        await made.aclose()
        return rows

    with serving(lengths) as server:
        config = {"model": "m", "base_url": server.url}
        rows = asyncio.run(ask(load_embedder({"provider": "openai", "config": config})))
        assert [row[0] for row in rows] == [1, 2, 2, 1]
        assert len(server.asked) == 1
    for other in ("hash", "static", lambda texts: [[1.0] for _ in texts]):
        threaded: Any = load_embedder(other)
        assert len(asyncio.run(threaded.aembed(["a", "bb"]))) == 2
    with pytest.raises(errors.EmbeddingError, match="0 vectors for 2 texts"):
        asyncio.run(ask(load_embedder(lambda _: [])))


def test_a_memory_embeds_through_an_endpoint() -> None:
    with serving(lengths) as server:
        config = {"model": "m", "openai_base_url": server.url, "embedding_dims": 2}
        with Memory(path=":memory:", embedder={"provider": "openai", "config": config}) as memory:
            memory.add("tea", user_id="ann", infer=False)
            memory.add("a longer text", user_id="ann", infer=False)
            found = memory.search("tea", user_id="ann")["results"]
    assert found[0]["memory"] == "tea"
