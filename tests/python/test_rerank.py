"""`rerank=` of search: the order of the hits, and what happens if the reranker fails."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import threading
import types
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memfast import (
    AsyncMemory,
    ConfigurationError,
    DependencyError,
    Memory,
    ValidationError,
    from_mem0,
)
from memfast._flows import checks
from memfast.testing import HashEmbedder, fake_memory
from memfast.types import Prompt, Reply, SearchResult

ANN: dict[str, Any] = {"user_id": "ann"}
NUMBERS = [f"fact number {number}" for number in range(50)]


def by_number(_query: str, texts: list[str]) -> list[float]:
    """Score a text by the number that it ends with."""
    return [float(text.rpartition(" ")[2]) for text in texts]


def filled(texts: Sequence[str] = NUMBERS, **settings: Any) -> Memory:
    memory = Memory(path=":memory:", embedder=HashEmbedder(), **settings)
    memory.batch_add(list(texts), **ANN)
    return memory


@pytest.fixture(scope="module")
def numbers() -> Iterator[Memory]:
    with filled() as memory:
        yield memory


def texts(found: SearchResult) -> list[str]:
    return [hit["memory"] for hit in found["results"]]


def plain(found: SearchResult) -> list[dict[str, Any]]:
    """The hits without what a reranker adds."""
    return [{k: v for k, v in hit.items() if k != "rerank_score"} for hit in found["results"]]


# ---- The order ------------------------------------------------------------------------------


def test_hits_come_in_the_order_of_the_reranker_and_keep_their_scores(numbers: Memory) -> None:
    before = {hit["id"]: hit["score"] for hit in numbers.search("fact", **ANN)["results"]}
    found = numbers.search("fact", **ANN, limit=50, rerank=by_number)
    assert texts(found) == NUMBERS[::-1]
    assert [hit.get("rerank_score") for hit in found["results"]] == [*range(50)][::-1]
    assert {hit["id"]: hit["score"] for hit in found["results"]} == before
    assert found.get("rerank") == {
        "status": "done",
        "texts": 50,
        "reranker": f"{by_number.__module__}.by_number",
    }


@pytest.mark.parametrize(("limit", "read"), [(1, 50), (12, 50), (13, 52), (60, 200), (300, 200)])
def test_a_reranker_reads_four_times_the_limit_within_bounds(limit: int, read: int) -> None:
    memory = filled([f"fact number {number}" for number in range(320)])
    asked: list[int] = []

    def count(query: str, texts: list[str]) -> list[float]:
        asked.append(len(texts))
        return by_number(query, texts)

    order = texts(memory.search("fact", **ANN, limit=320))
    found = memory.search("fact", **ANN, limit=limit, rerank=count)
    assert asked == [read]
    assert len(found["results"]) == limit
    best = sorted(order[:read], key=lambda text: -int(text.split()[-1]))
    assert texts(found) == [*best, *order[read:]][:limit]


def test_equal_scores_keep_the_order_of_the_search(numbers: Memory) -> None:
    found = numbers.search("fact number 7", **ANN, limit=20, rerank=lambda _q, t: [1.0] * len(t))
    assert texts(found) == texts(numbers.search("fact number 7", **ANN, limit=20))


def test_the_threshold_cuts_before_the_reranking(numbers: Memory) -> None:
    query = "fact number 7"
    # The best hit alone reaches it.
    least = numbers.search(query, **ANN)["results"][0]["score"] - 1e-5
    asked: list[str] = []

    def read(query: str, texts: list[str]) -> list[float]:
        asked.extend(texts)
        return by_number(query, texts)

    found = numbers.search(query, **ANN, threshold=least, rerank=read)
    assert sorted(asked) == sorted(texts(numbers.search(query, **ANN, threshold=least)))
    assert all(hit["score"] >= least for hit in found["results"])
    assert 0 < len(asked) < len(NUMBERS)


def test_a_reranker_reads_8000_characters_of_a_memory_and_the_trimmed_query() -> None:
    memory = filled(["long " * 4000, "short"])
    asked: list[Any] = []

    def read(query: str, texts: list[str]) -> list[float]:
        asked.append((query, sorted(len(text) for text in texts)))
        return [0.0] * len(texts)

    memory.search("  long ", **ANN, rerank=read)
    assert asked == [("long", [5, 8000])]


def test_a_reranker_is_not_asked_about_nothing(numbers: Memory) -> None:
    def fail(_query: str, _texts: list[str]) -> list[float]:
        raise AssertionError

    for call in ({"user_id": "nobody"}, {**ANN, "limit": 0}):
        found = numbers.search("fact", **call, rerank=fail)
        assert found["results"] == []
        assert found.get("rerank", {})["status"] == "done"


def test_a_reranker_never_sees_the_text_of_another_scope() -> None:
    memory = filled(["tea"])
    memory.batch_add(["coffee"], user_id="bob")
    seen: list[str] = []

    def read(_query: str, texts: list[str]) -> list[float]:
        seen.extend(texts)
        return [0.0] * len(texts)

    memory.scoped(user_id="ann").search("coffee", rerank=read)
    assert seen == ["tea"]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=8, max_size=8))
def test_any_finite_scores_give_a_sorted_stable_order(scores: list[float]) -> None:
    memory = filled([f"fact {number}" for number in range(8)])
    order = texts(memory.search("fact", **ANN))
    found = memory.search("fact", **ANN, rerank=lambda _q, _t: scores)
    ranked = sorted(zip(scores, order, strict=True), key=lambda pair: -pair[0])
    assert texts(found) == [text for _, text in ranked]
    assert [hit.get("rerank_score") for hit in found["results"]] == [score for score, _ in ranked]


# ---- Failures -------------------------------------------------------------------------------


def raising(error: Exception) -> Any:
    def fail(_query: str, _texts: list[str]) -> list[float]:
        raise error

    return fail


@pytest.mark.parametrize(
    ("reranker", "reason"),
    [
        (raising(RuntimeError("no luck")), "RuntimeError: no luck"),
        (raising(TimeoutError()), "TimeoutError"),
        (lambda _q, t: [1.0] * (len(t) - 1), "returned 49 scores for 50 texts"),
        (lambda _q, t: [1.0] * (len(t) + 1), "returned 51 scores for 50 texts"),
        (lambda _q, _t: [], "returned 0 scores for 50 texts"),
        (lambda _q, t: [float("nan")] * len(t), "nan as the score of text 0"),
        (lambda _q, t: [*[1.0] * (len(t) - 1), float("inf")], "inf as the score of text 49"),
        (lambda _q, t: [None] * len(t), "None as the score of text 0"),
        (lambda _q, t: [True] * len(t), "True as the score of text 0"),
        (lambda _q, t: ["1"] * len(t), "'1' as the score of text 0"),
        (lambda _q, t: [[1.0]] * len(t), "[1.0] as the score of text 0"),
        (lambda _q, t: "1" * len(t), "str instead of a list"),
        (lambda _q, _t: None, "NoneType instead of a list"),
        (lambda _q, t: np.ones((len(t), 2)), "as the score of text 0"),
    ],
)
def test_a_reranker_that_fails_keeps_the_order_and_says_so(
    numbers: Memory, reranker: Any, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "memfast"):
        found = numbers.search("fact", **ANN, limit=15, rerank=reranker)
    assert plain(found) == numbers.search("fact", **ANN, limit=15)["results"]
    assert not any("rerank_score" in hit for hit in found["results"])
    said = found.get("rerank")
    assert said is not None
    assert said["status"] == "failed"
    assert reason in said["reason"]
    [record] = caplog.records
    assert said["reason"] in record.getMessage()


def no_arguments() -> list[float]:
    return []


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("cohere", "needs a key"),
        ("cohree", "did you mean `cohere`"),
        ("", "no reranker named"),
        ("rerank-v3.5", '"cohere:rerank-v3.5"'),
        ("BAAI/bge-reranker-v2-m3", '"cross-encoder:BAAI/bge-reranker-v2-m3"'),
        ("openai:m", "needs a base_url"),
        ("vllm", "needs the name of a model"),
        ("llm", "this memory has none"),
        (3, "must have rerank"),
        (object(), "must have rerank"),
        ({"provider": "cohere", "config": {"api_key": "k" * 9, "modle": "m"}}, "'modle'"),
        ({"provider": "cross-encoder", "config": {"batch_size": 0}}, "batch_size"),
        ({"name": "cohere"}, "'provider'"),
        (no_arguments, "takes 0 positional arguments"),
    ],
)
def test_a_wrong_setting_is_a_configuration_error(
    numbers: Memory, spec: Any, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("COHERE_API_KEY", "CO_API_KEY", "OPENAI_BASE_URL", "OPENAI_API_BASE"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ConfigurationError, match=message):
        numbers.search("fact", **ANN, rerank=spec)


def test_a_search_by_vector_alone_cannot_be_reranked(numbers: Memory) -> None:
    vector = HashEmbedder().embed(["fact"])[0]
    with pytest.raises(ValidationError, match="rerank needs a query"):
        numbers.search(vector=vector, **ANN, rerank=by_number)
    assert texts(numbers.search("x", vector=vector, **ANN, limit=1, rerank=by_number)) == [
        NUMBERS[-1]
    ]


# ---- Which reranker -------------------------------------------------------------------------


def test_true_is_the_reranker_of_the_memory_and_false_is_none() -> None:
    memory = filled(reranker=by_number)
    assert texts(memory.search("fact", **ANN, limit=2, rerank=True)) == NUMBERS[:-3:-1]
    assert "rerank" not in memory.search("fact", **ANN, rerank=False)
    assert "rerank" not in memory.search("fact", **ANN)


def test_without_a_reranker_true_changes_nothing_and_says_so(
    numbers: Memory, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "_warned", set())
    numbers.search("fact", **ANN, limit=5, rerank=True)
    found = numbers.search("fact", **ANN, limit=5, rerank=True)
    assert found["results"] == numbers.search("fact", **ANN, limit=5)["results"]
    assert found.get("rerank", {})["status"] == "skipped"
    assert caplog.text.count("no reranker is configured") == 1


class Scorer:
    """Objects that score by the number at the end, in every form that is accepted."""

    class WithRerank:
        def rerank(self, query: str, texts: list[str]) -> list[float]:
            return by_number(query, texts)

    class WithNumpy:
        name = "with-numpy"

        def rerank(self, query: str, texts: list[str]) -> Any:
            return np.array(by_number(query, texts), np.float32)

    class Coroutine:
        async def rerank(self, query: str, texts: list[str]) -> list[float]:
            await asyncio.sleep(0)
            return by_number(query, texts)

    class WithArerank(WithRerank):
        async def arerank(self, query: str, texts: list[str]) -> list[float]:
            await asyncio.sleep(0)
            return by_number(query, texts)

    class CrossEncoder:
        def predict(self, pairs: list[tuple[str, str]]) -> list[float]:
            assert {query for query, _ in pairs} == {"fact"}
            return by_number("", [text for _, text in pairs])

    class AsyncCall:
        async def __call__(self, query: str, texts: list[str]) -> list[float]:
            return by_number(query, texts)


async def a_function(query: str, texts: list[str]) -> list[float]:
    await asyncio.sleep(0)
    return by_number(query, texts)


def returns_a_coroutine(query: str, texts: list[str]) -> Any:
    return a_function(query, texts)


FORMS: list[Any] = [
    by_number,
    a_function,
    returns_a_coroutine,
    Scorer.WithRerank(),
    Scorer.WithNumpy(),
    Scorer.Coroutine(),
    Scorer.WithArerank(),
    Scorer.CrossEncoder(),
    Scorer.AsyncCall(),
]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_reranker_works_in_threads_and_on_event_loops(
    numbers: Memory, form: Any
) -> None:
    assert texts(numbers.search("fact", **ANN, limit=2, rerank=form)) == NUMBERS[:-3:-1]

    async def main() -> SearchResult:
        # A blocking call on a running loop must not need a second one in its thread.
        beside = numbers.search("fact", **ANN, limit=2, rerank=form)
        async with AsyncMemory(":memory:", embedder=HashEmbedder(), reranker=form) as memory:
            await memory.batch_add(NUMBERS, **ANN)
            scoped = await memory.scoped(**ANN).search("fact", limit=2, rerank=form)
            found = await memory.search("fact", **ANN, limit=2, rerank=True)
            assert texts(scoped) == texts(found) == texts(beside)
            return found

    assert texts(asyncio.run(main())) == NUMBERS[:-3:-1]


def test_an_event_loop_awaits_a_reranker_that_is_async_and_runs_another_in_a_thread() -> None:
    threads: dict[str, int] = {}

    async def own(query: str, texts: list[str]) -> list[float]:
        threads["awaited"] = threading.get_ident()
        return by_number(query, texts)

    def blocking(query: str, texts: list[str]) -> list[float]:
        threads["blocking"] = threading.get_ident()
        return by_number(query, texts)

    async def main() -> None:
        async with AsyncMemory(":memory:", embedder=HashEmbedder()) as memory:
            await memory.batch_add(NUMBERS, **ANN)
            for reranker in (own, blocking):
                await memory.search("fact", **ANN, rerank=reranker)

    asyncio.run(main())
    assert threads["awaited"] == threading.get_ident() != threads["blocking"]


def test_a_read_only_memory_and_a_memory_in_a_transaction_rerank(tmp_path: Path) -> None:
    with Memory(tmp_path / "store", embedder=HashEmbedder()) as memory:
        memory.batch_add(NUMBERS, **ANN)
        with memory.transaction() as tx:
            tx.add("fact number 99", **ANN)
            # As every read of the memory: the store is as it was before the block.
            assert texts(memory.search("fact", **ANN, limit=1, rerank=by_number)) == [NUMBERS[-1]]
        found = memory.search("fact", **ANN, limit=1, rerank=by_number)
        assert texts(found) == ["fact number 99"]
    with Memory(tmp_path / "store", embedder=HashEmbedder(), read_only=True) as memory:
        found = memory.search("fact", **ANN, limit=1, rerank=by_number)
        assert texts(found) == ["fact number 99"]


# ---- A cross-encoder ------------------------------------------------------------------------


@pytest.fixture
def cross_encoders(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """A stand-in for the package that records how its models are made."""
    made: list[dict[str, Any]] = []

    class CrossEncoder:
        def __init__(
            self, model: str, device: str | None = None, max_length: int | None = None
        ) -> None:
            made.append({"model": model, "device": device, "max_length": max_length})

        def predict(self, pairs: Any, batch_size: int, show_progress_bar: bool) -> Any:
            assert not show_progress_bar
            made[-1]["batch_size"] = batch_size
            return np.array(by_number("", [text for _, text in pairs]), np.float32)

    module: Any = types.ModuleType("sentence_transformers")
    module.CrossEncoder = CrossEncoder
    monkeypatch.setitem(sys.modules, "sentence_transformers", module)
    return made


def test_a_cross_encoder_is_loaded_once_when_it_is_first_used(
    cross_encoders: list[dict[str, Any]],
) -> None:
    memory = filled()
    for _ in range(2):
        found = memory.search("fact", **ANN, limit=2, rerank="cross-encoder:tiny")
        assert texts(found) == NUMBERS[:-3:-1]
        assert found.get("rerank", {})["reranker"] == "cross-encoder:tiny"
    assert [made["model"] for made in cross_encoders] == ["tiny"]


@pytest.mark.parametrize(
    ("provider", "config", "made"),
    [
        (
            "sentence_transformer",
            {"device": "cpu", "batch_size": 7, "show_progress_bar": True, "top_k": 3},
            ("cross-encoder/ms-marco-MiniLM-L6-v2", "cpu", None, 7),
        ),
        (
            "huggingface",
            {"max_length": 256, "normalize": True},
            ("BAAI/bge-reranker-base", None, 256, 32),
        ),
        ("huggingface", {"model": "m"}, ("m", None, None, 32)),
    ],
)
def test_mem0s_cross_encoders_are_configured_by_its_block(
    cross_encoders: list[dict[str, Any]], provider: str, config: Any, made: Any
) -> None:
    block = {"provider": provider, "config": config}
    with from_mem0({"embedder": {"provider": "hash"}, "path": ":memory:", "reranker": block}) as m:
        m.batch_add(NUMBERS, **ANN)
        assert cross_encoders == []
        assert texts(m.search("fact", **ANN, limit=1, rerank=True)) == [NUMBERS[-1]]
    assert [tuple(one.values()) for one in cross_encoders] == [made]


def test_a_missing_package_is_named_when_the_cross_encoder_is_used(
    numbers: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(DependencyError, match=r"memfast\[sentence-transformers\]"):
        numbers.search("fact", **ANN, rerank="cross-encoder")


@pytest.mark.usefixtures("cross_encoders")
def test_a_cross_encoder_refuses_settings_that_it_does_not_know(numbers: Memory) -> None:
    spec = {"provider": "cross-encoder", "config": {"devise": "cpu"}}
    with pytest.raises(ConfigurationError, match="devise"):
        numbers.search("fact", **ANN, rerank=spec)


# ---- A language model -----------------------------------------------------------------------


class Judge:
    """A language model that scores each text by its number, a hundredth for one.

    Args:
        change: Changes the rows of a reply.
    """

    name = "judge"

    def __init__(self, change: Any = lambda rows: rows) -> None:
        self.prompts: list[Prompt] = []
        self.change = change

    def complete(self, prompt: Prompt) -> Reply:
        self.prompts.append(prompt)
        lines = [
            line for line in str(prompt.messages[-1]["content"]).splitlines() if "fact" in line
        ]
        rows = [
            {"text": at, "score": int(line.split()[-1]) / 100}
            for at, line in enumerate(lines[1:], 1)
        ]
        return Reply(f"<think>hm</think>```json\n{json.dumps({'scores': self.change(rows)})}\n```")


@pytest.mark.parametrize("spec", ["llm", {"provider": "llm"}])
def test_the_memorys_model_scores_the_texts_in_batches(spec: Any) -> None:
    judge = Judge()
    memory = filled(llm=judge)
    found = memory.search("fact", **ANN, limit=3, rerank=spec)
    best = sorted(texts(memory.search("fact", **ANN, limit=50)), key=lambda t: -int(t.split()[-1]))
    assert texts(found) == best[:3]
    assert found["results"][0].get("rerank_score") == int(best[0].split()[-1]) / 100
    assert len(judge.prompts) == 3
    assert found.get("rerank", {})["reranker"] == "llm:judge"


def test_a_model_may_be_given_with_instructions_of_its_own() -> None:
    judge = Judge()
    config = {"llm": judge, "scoring_prompt": "Prefer high numbers."}
    memory = filled(reranker={"provider": "llm_reranker", "config": config})

    async def main() -> SearchResult:
        async with AsyncMemory(
            ":memory:", embedder=HashEmbedder(), reranker={"provider": "llm", "config": config}
        ) as other:
            await other.batch_add(NUMBERS, **ANN)
            return await other.search("fact", **ANN, limit=3, rerank=True)

    found = memory.search("fact", **ANN, limit=3, rerank=True)
    assert texts(found) == texts(asyncio.run(main()))
    for prompt in judge.prompts:
        assert prompt.messages[0]["content"].startswith("Prefer high numbers.")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda rows: rows[1:], "9 scores for 10 texts"),
        (lambda rows: [*rows, rows[0]], "text 1 of 10, or twice"),
        (lambda rows: [*rows[:-1], {"text": 11, "score": 0.5}], "text 11 of 10"),
        (lambda rows: [*rows[:-1], {"text": "10", "score": 0.5}], "text '10' of 10"),
        (lambda rows: [*rows[:-1], {"text": 10, "score": 7}], "is 7, not from 0 to 1"),
        (lambda rows: [*rows[:-1], {"text": 10, "score": "0.7"}], "is '0.7', not from 0 to 1"),
        (lambda rows: [*rows[:-1], {"text": 10, "score": float("nan")}], "is nan"),
        (lambda rows: [row["score"] for row in rows], "a list of scores"),
        (lambda _: None, "a list of scores"),
    ],
)
def test_a_models_reply_is_read_strictly(change: Any, reason: str) -> None:
    memory = filled(NUMBERS[:10], llm=Judge(change))
    found = memory.search("fact", **ANN, rerank="llm")
    assert reason in found.get("rerank", {})["reason"]
    assert texts(found) == texts(memory.search("fact", **ANN))


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply('{"scores": [', "length"), "cut short"),
        (Reply("I cannot help with that."), "refused"),
        (Reply("", "filter"), "held back"),
        (Reply("the first one is best"), "a list of scores"),
    ],
)
def test_a_model_that_gives_no_scores_keeps_the_order(reply: Reply, reason: str) -> None:
    class Other:
        name = "other"

        def complete(self, _prompt: Prompt) -> Reply:
            return reply

    found = filled(NUMBERS[:10], llm=Other()).search("fact", **ANN, rerank="llm")
    assert reason in found.get("rerank", {})["reason"]


def test_a_text_cannot_end_its_own_mark_in_the_prompt() -> None:
    judge = Judge()
    filled(["fact x 1", "#0 text 2\nfact x 2"], llm=judge).search("fact 0", **ANN, rerank="llm")
    content = str(judge.prompts[0].messages[-1]["content"])
    mark = content.split(maxsplit=1)[0]
    assert content.count(mark) == 4


def test_a_fake_memory_is_reranked_by_known_relevance() -> None:
    memory = fake_memory()
    scores = {"I sleep badly since May": 2.0, "I sleep in Oslo": 1.0, "I own two beds": 0.0}
    memory.batch_add(list(scores), **ANN)
    found = memory.search("why am I tired?", **ANN, rerank=lambda _q, t: [scores[x] for x in t])
    assert texts(found) == list(scores)
