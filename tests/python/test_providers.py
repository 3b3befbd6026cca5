"""Embedders by name and as objects."""

from __future__ import annotations

import math
import sys
import types
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memfast import ConfigurationError, DependencyError, EmbeddingError, Memory
from memfast.providers import LLM, Embedder, load_embedder
from memfast.providers._cache import CachedEmbedder
from memfast.providers._embedder_adapter import EmbedderAdapter
from memfast.providers.openai_llm import OpenAILLM
from memfast.testing import FakeLLM, HashEmbedder


def test_names_config_dicts_and_objects_all_name_an_embedder() -> None:
    specs: list[object] = [
        "static",
        "hash",
        {"provider": "hash", "config": {"dim": 32}},
        HashEmbedder(dim=8),
        lambda texts: [[1.0, 2.0] for _ in texts],
    ]
    for spec in specs:
        embedder = load_embedder(spec)
        assert isinstance(embedder, Embedder)
        assert len(embedder.embed(["a", "b"])) == 2
    assert load_embedder(None) is None


def test_objects_in_the_style_of_mem0_are_accepted() -> None:
    class Mem0Style:
        config = types.SimpleNamespace(embedding_dims=2)

        def embed_batch(self, texts: list[str], memory_action: str) -> list[list[float]]:
            assert memory_action == "add"
            return [[1.0, float(len(text))] for text in texts]

    memory = Memory(path=":memory:", embedder=Mem0Style())
    memory.add("tea", user_id="ann", infer=False)
    assert memory.search("tea", user_id="ann", mode="semantic")["results"][0]["score"] == 1.0


def test_an_unknown_name_suggests_a_known_one() -> None:
    with pytest.raises(ConfigurationError, match="did you mean `static`"):
        load_embedder("statik")
    with pytest.raises(ConfigurationError, match="does not take"):
        load_embedder({"provider": "hash", "config": {"depth": 3}})
    with pytest.raises(ConfigurationError, match="provider"):
        load_embedder({"model": "x"})
    with pytest.raises(ConfigurationError, match="embed"):
        load_embedder(17)


@pytest.mark.parametrize("name", ["sentence-transformers", "wordllama"])
def test_a_missing_package_is_named_with_its_extra(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, name.replace("-", "_"), None)
    with pytest.raises(DependencyError, match=rf'pip install "memfast\[{name}\]"'):
        load_embedder(name)


def test_sentence_transformers_models_are_loaded_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    class SentenceTransformer:
        def __init__(self, name: str) -> None:
            assert name == "tiny"

        def get_sentence_embedding_dimension(self) -> int:
            return 3

        def encode(self, texts: list[str], **options: Any) -> Any:
            assert options["normalize_embeddings"]
            return np.ones((len(texts), 3), dtype=np.float32)

    module = types.ModuleType("sentence_transformers")
    monkeypatch.setattr(module, "SentenceTransformer", SentenceTransformer, raising=False)
    monkeypatch.setitem(sys.modules, "sentence_transformers", module)
    memory = Memory(path=":memory:", embedder="sentence-transformers:tiny")
    memory.add("tea", user_id="ann", infer=False)
    assert len(memory.search("tea", user_id="ann")["results"]) == 1


def test_wordllama_is_loaded_with_its_dimension(monkeypatch: pytest.MonkeyPatch) -> None:
    class WordLlama:
        @classmethod
        def load(cls, dim: int) -> WordLlama:
            made = cls()
            made.dim = dim
            return made

        dim = 0

        def embed(self, texts: list[str], *, norm: bool) -> Any:
            assert norm
            return np.ones((len(texts), self.dim), dtype=np.float32)

    module = types.ModuleType("wordllama")
    monkeypatch.setattr(module, "WordLlama", WordLlama, raising=False)
    monkeypatch.setitem(sys.modules, "wordllama", module)
    embedder = load_embedder({"provider": "wordllama", "config": {"dim": 64}})
    assert embedder is not None
    assert embedder.dim == 64


def test_a_failing_or_miscounting_embedder_is_an_embedding_error() -> None:
    def fail(_texts: list[str]) -> Any:
        raise TimeoutError("no answer")

    with pytest.raises(EmbeddingError, match="no answer") as caught:
        EmbedderAdapter(fail).embed(["a"])
    assert isinstance(caught.value.__cause__, TimeoutError)
    with pytest.raises(EmbeddingError, match="1 vectors for 2 texts"):
        EmbedderAdapter(lambda _: [[1.0]]).embed(["a", "b"])


def test_own_embedders_and_models_satisfy_the_protocols() -> None:
    # mypy checks the annotations: `dim` of the hash embedder is an int, never None.
    embedders: list[Embedder] = [HashEmbedder(dim=8), EmbedderAdapter(HashEmbedder(dim=8))]
    models: list[LLM] = [FakeLLM(["yes"]), OpenAILLM("m", base_url="http://h.test/v1")]
    assert all(isinstance(one, Embedder) for one in embedders)
    assert all(isinstance(one, LLM) for one in models)


@given(st.lists(st.lists(st.sampled_from("abcdef"), max_size=5), max_size=6))
def test_the_cache_embeds_each_text_once_and_keeps_the_order(batches: list[list[str]]) -> None:
    asked: list[str] = []

    def embed(texts: list[str]) -> list[list[float]]:
        asked.extend(texts)
        return [[float(ord(text))] for text in texts]

    cache = CachedEmbedder(EmbedderAdapter(embed))
    for batch in batches:
        vectors: Any = cache.embed(batch)
        assert vectors == [[float(ord(text))] for text in batch]
    assert len(asked) == len(set(asked))


def test_the_cache_drops_the_least_recently_used() -> None:
    calls: list[list[str]] = []

    def embed(texts: list[str]) -> list[list[float]]:
        calls.append(texts)
        return [[1.0] for _ in texts]

    cache = CachedEmbedder(EmbedderAdapter(embed), size=2)
    for text in ("a", "b", "a", "c", "a", "b"):
        cache.embed([text])
    assert calls == [["a"], ["b"], ["c"], ["b"]]


@given(st.text(max_size=40))
def test_the_static_embedder_gives_every_text_a_unit_vector(text: str) -> None:
    embedder = load_embedder("static")
    assert embedder is not None
    matrix: Any = embedder.embed([text.encode("utf-8", "replace").decode("utf-8")])
    [vector] = matrix.tolist()
    assert math.isclose(sum(value * value for value in vector), 1.0, rel_tol=1e-4)
