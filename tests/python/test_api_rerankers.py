"""Rerankers over real sockets: all scores, valid and in order, or the order of the search."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import Any

import pytest

from memfast import AsyncMemory, Memory, errors, from_mem0
from memfast.providers import load_reranker
from memfast.testing import HashEmbedder
from tests.python.llm_server import Answer, Asked, Server, refused, serving

KEY = "co-very-secret-0123456789"
ANN: dict[str, Any] = {"user_id": "ann"}
TEXTS = ["a", "bbb", "bb"]


def rows(asked: Asked, name: str = "relevance_score") -> list[dict[str, Any]]:
    """Score each text by its length, the best first."""
    texts = asked.body.get("documents") or asked.body["texts"]
    scored = [{"index": at, name: len(text) / 10} for at, text in enumerate(texts)]
    return sorted(scored, key=lambda row: -row[name])


def cohere(asked: Asked) -> Answer:
    return Answer({"id": "1", "results": rows(asked), "meta": {}})


def voyage(asked: Asked) -> Answer:
    return Answer({"object": "list", "data": rows(asked), "usage": {"total_tokens": 3}})


def tei(asked: Asked) -> Answer:
    return Answer(rows(asked, "score"))


def made(server: Server, provider: str = "cohere", **options: Any) -> Any:
    config = {"base_url": server.url, "api_key": KEY, "backoff": 0.001, "model": "m", **options}
    return load_reranker({"provider": provider, "config": config})


def rerank(reranker: Any, texts: list[str], native: bool) -> list[float]:
    async def ask() -> list[float]:
        try:
            scores: list[float] = await reranker.arerank("q", texts)
            return scores
        finally:
            await reranker.aclose()

    try:
        scores: list[float] = asyncio.run(ask()) if native else reranker.rerank("q", texts)
        return scores
    finally:
        reranker.close()


native = pytest.mark.parametrize("native", [False, True])


@native
@pytest.mark.parametrize(
    ("provider", "answer", "body"),
    [
        ("cohere", cohere, {"documents": TEXTS}),
        ("jina", cohere, {"documents": TEXTS, "return_documents": False}),
        ("voyage", voyage, {"documents": TEXTS}),
        ("zero_entropy", cohere, {"documents": TEXTS}),
        ("openai", cohere, {"documents": TEXTS}),
        ("vllm", cohere, {"documents": TEXTS}),
        ("tei", tei, {"texts": TEXTS, "truncate": True}),
    ],
)
def test_scores_are_returned_in_the_order_of_the_texts(
    provider: str, answer: Any, body: dict[str, Any], native: bool
) -> None:
    with serving(answer) as server:
        assert rerank(made(server, provider), TEXTS, native) == [0.1, 0.3, 0.2]
        [asked] = server.asked
    assert asked.path == "/v1/rerank"
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.body == {"model": "m", "query": "q", **body}


@native
@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (Answer({"results": []}), "0 scores for 3 texts"),
        (Answer([{"index": 0, "score": 1}] * 4), "4 scores for 3 texts"),
        (Answer([{"index": 0, "score": 1}] * 3), "indexes"),
        (Answer([{"index": at, "score": 1} for at in (0, 1, 3)]), "indexes"),
        (Answer([{"score": 1}] * 3), "indexes"),
        (Answer([{"index": at, "score": float("nan")} for at in range(3)]), "nan, not a number"),
        (Answer([{"index": at, "score": None} for at in range(3)]), "None, not a number"),
        (Answer([{"index": at} for at in range(3)]), "None, not a number"),
        (Answer({"results": [1, 2, 3]}), "has no results"),
        (Answer({"scores": [1, 2, 3]}), "has no results"),
        (Answer(""), "empty"),
        (Answer("<html>"), "not a JSON object"),
        (Answer({"error": {"message": "out of memory"}}), "out of memory"),
        (refused(400, "too long"), "too long"),
        (Answer({"message": "no such model"}, 404), "no such model"),
    ],
)
def test_an_invalid_reply_is_an_error_that_says_what_is_wrong(
    answer: Answer, message: str, native: bool
) -> None:
    with serving(answer) as server, pytest.raises(errors.LLMError, match=message):
        rerank(made(server), TEXTS, native)


@native
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refused(401, f"bad key {KEY}"), errors.AuthenticationError),
        (refused(429, "slow down"), errors.RateLimitError),
        (refused(503, "oh"), errors.NetworkError),
        (Answer([], cut=True), errors.NetworkError),
    ],
)
def test_refusals_raise_the_errors_of_language_models(
    answer: Answer, kind: type[errors.MemfastError], native: bool
) -> None:
    with serving(answer) as server, pytest.raises(kind) as caught:
        rerank(made(server, max_retries=0), TEXTS, native)
    assert KEY not in repr(caught.value)


@native
def test_a_temporary_failure_is_tried_again(native: bool) -> None:
    with serving(refused(503, "oh"), Answer("", 500), cohere) as server:
        assert rerank(made(server), TEXTS, native) == [0.1, 0.3, 0.2]
        assert len(server.asked) == 3


@native
def test_a_text_that_utf8_cannot_express_is_sent_with_a_question_mark(native: bool) -> None:
    with serving(cohere) as server:
        rerank(made(server), ["a\ud800"], native)
    assert server.bodies[0]["documents"] == ["a?"]


def searching(server: Server, **options: Any) -> Memory:
    config = {"base_url": server.url, "api_key": KEY, "backoff": 0.001, **options}
    memory = Memory(
        path=":memory:",
        embedder=HashEmbedder(),
        reranker={"provider": "cohere", "config": config},
    )
    memory.batch_add(["tea", "tea with milk", "tea and"], **ANN)
    return memory


def test_a_memory_reranks_through_an_endpoint() -> None:
    with serving(cohere) as server, searching(server) as memory:
        found = memory.search("tea", **ANN, limit=2, rerank=True)
    assert [hit["memory"] for hit in found["results"]] == ["tea with milk", "tea and"]
    assert [hit.get("rerank_score") for hit in found["results"]] == [1.3, 0.7]
    assert found.get("rerank") == {"status": "done", "texts": 3, "reranker": "cohere:rerank-v3.5"}
    assert server.bodies[0]["model"] == "rerank-v3.5"


def test_an_endpoint_that_answers_too_late_keeps_the_order(
    caplog: pytest.LogCaptureFixture,
) -> None:
    held = threading.Event()
    try:
        with (
            serving(Answer([], hold=held)) as server,
            searching(server, timeout=0.05, max_retries=0) as memory,
            caplog.at_level(logging.WARNING, "memfast"),
        ):
            found = memory.search("tea", **ANN, rerank=True)
            assert found["results"] == memory.search("tea", **ANN)["results"]
            held.set()
    finally:
        held.set()
    assert "in time" in found.get("rerank", {})["reason"]
    assert len(caplog.records) == 1


def test_a_refused_key_keeps_the_order_and_shows_no_key(caplog: pytest.LogCaptureFixture) -> None:
    with serving(refused(401, f"bad key {KEY}")) as server, searching(server) as memory:
        found = memory.search("tea", **ANN, rerank=True)
    assert found.get("rerank", {})["status"] == "failed"
    assert KEY not in str(found)
    assert KEY not in caplog.text
    assert KEY not in repr(memory.config)


def test_searches_at_the_same_time_are_awaited_together() -> None:
    # It opens only if all were sent before the first was answered.
    barrier = threading.Barrier(4, timeout=10)

    def script(asked: Asked) -> Answer:
        barrier.wait()
        return cohere(asked)

    async def main(url: str) -> list[Any]:
        config = {"base_url": url, "api_key": KEY}
        async with AsyncMemory(
            ":memory:",
            embedder=HashEmbedder(),
            reranker={"provider": "jina", "config": config},
        ) as memory:
            await memory.batch_add(["tea", "tea with milk"], **ANN)
            calls = (memory.search("tea", **ANN, rerank=True) for _ in range(4))
            return [*await asyncio.gather(*calls)]

    with serving(script) as server:
        found = asyncio.run(main(server.url))
    assert {one["results"][0]["memory"] for one in found} == {"tea with milk"}


def test_mem0s_block_names_the_endpoint_and_its_settings(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(cohere) as server:
        monkeypatch.setenv("COHERE_BASE_URL", server.url)
        monkeypatch.setenv("COHERE_API_KEY", KEY)
        block = {
            "provider": "cohere",
            "config": {"model": "rerank-english-v3.0", "top_k": 3, "return_documents": True},
        }
        config = {"path": ":memory:", "embedder": {"provider": "hash"}, "reranker": block}
        with from_mem0(config) as memory:
            memory.batch_add(["tea", "tea with milk"], **ANN)
            found = memory.search("tea", **ANN, rerank=True)
    assert [hit["memory"] for hit in found["results"]] == ["tea with milk", "tea"]
    assert server.bodies[0] == {
        "model": "rerank-english-v3.0",
        "query": "tea",
        "documents": server.bodies[0]["documents"],
    }
    assert "return_documents" in caplog.text


@pytest.mark.parametrize(
    ("provider", "variable", "place"),
    [
        ("cohere", "COHERE_API_KEY", "api.cohere.com"),
        ("cohere", "CO_API_KEY", "api.cohere.com"),
        ("jina", "JINA_API_KEY", "api.jina.ai"),
        ("voyage", "VOYAGE_API_KEY", "api.voyageai.com"),
        ("zero_entropy", "ZERO_ENTROPY_API_KEY", "api.zeroentropy.dev"),
        ("zero-entropy", "ZEROENTROPY_API_KEY", "api.zeroentropy.dev"),
    ],
)
def test_the_key_may_stand_in_the_environment(
    provider: str, variable: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, KEY)
    reranker: Any = load_reranker(provider)
    settings = reranker.inner._endpoint.settings
    assert (settings.place, settings.api_key) == (place, KEY)
    assert (settings.timeout, settings.deadline) == (10.0, 30.0)


def test_a_reranker_by_name_is_made_once_and_closed_with_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with serving(cohere) as server:
        monkeypatch.setenv("VLLM_BASE_URL", server.url)
        memory = Memory(path=":memory:", embedder=HashEmbedder())
        memory.batch_add(["tea", "tea with milk"], **ANN)
        for _ in range(3):
            memory.search("tea", **ANN, rerank="vllm:m")
        rerankers: Any = memory._handle.context.rerankers
        one = rerankers.of("vllm:m")
        assert one is rerankers.of("vllm:m")
        carrier = one.inner._endpoint._carrier
        assert carrier._client is not None
        memory.close()
        assert carrier._client is None
