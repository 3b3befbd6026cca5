"""Search by words, context, time, speaker and vector together: modes, scores and options."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from memfast import AsyncMemory, Memory
from memfast._flows.vectors import rows
from memfast.errors import FilterError, UnsupportedError, ValidationError
from memfast.providers.static import StaticEmbedder

TALK = [
    {"role": "user", "name": "Ann", "content": "I bought a red bicycle in Lyon."},
    {"role": "user", "name": "Bob", "content": "Nice! How much was it?"},
    {"role": "user", "name": "Ann", "content": "About 300 euros."},
    {"role": "assistant", "content": "You could insure it."},
]


@pytest.fixture
def memory() -> Any:
    with Memory(":memory:") as memory:
        yield memory


def stored(memory: Memory, messages: Any = TALK, **options: Any) -> list[str]:
    added = memory.add(messages, user_id="u", infer=False, **options)
    return [item["id"] for item in added["results"]]


def found(memory: Memory, query: str | None = None, **options: Any) -> list[str]:
    hits = memory.search(query, user_id=options.pop("user_id", "u"), **options)["results"]
    return [hit["memory"] for hit in hits]


def test_a_word_finds_what_no_vector_would(memory: Memory) -> None:
    stored(memory, ["Order E-4711 was shipped.", "Order E-4712 was shipped.", "I like tea."])
    assert found(memory, "E-4711", limit=1) == ["Order E-4711 was shipped."]


def test_an_answer_is_found_by_the_question_before_it(memory: Memory) -> None:
    stored(memory, run_id="s")
    stored(memory, ["The weather in Rome was fine.", "Tea costs two euros."])
    details = memory.search("How much did the bicycle cost?", user_id="u", explain=True)["results"]
    parts = {hit["memory"]: hit["score_details"]["parts"] for hit in details}
    assert parts["About 300 euros."]["before"] > 1
    assert "before" not in parts["Tea costs two euros."]


def test_a_named_speaker_is_preferred(memory: Memory) -> None:
    same = [
        {"role": "user", "name": "Ann", "content": "I like pears."},
        {"role": "user", "name": "Bob", "content": "I like pears."},
    ]
    stored(memory, same)
    for name in ("Ann", "Bob"):
        hits = memory.search(f"What does {name} like?", user_id="u")["results"]
        assert hits[0]["actor_id"] == name


def test_a_month_finds_what_was_said_then(memory: Memory) -> None:
    stored(memory, "We met in the park.", timestamp="2024-05-03")
    stored(memory, "We met at the lake.", timestamp="2024-09-03")
    assert found(memory, "What happened in September?", limit=1) == ["We met at the lake."]


def test_relative_dates_count_from_the_reference_date(memory: Memory) -> None:
    stored(memory, "We met in the park.", timestamp="2024-05-03")
    stored(memory, "We met at the lake.", timestamp="2024-09-03")
    for reference, text in (("2024-05-04", "park"), ("2024-09-04", "lake")):
        best = found(memory, "Where did we meet yesterday?", reference_date=reference, limit=1)
        assert text in best[0]
    with pytest.raises(ValidationError, match="not a valid time"):
        found(memory, "x", reference_date="the other day")


def test_scores_and_order_of_semantic_mode_are_those_of_vectors(memory: Memory) -> None:
    stored(memory)
    query = "bicycle"
    (vector,) = rows(StaticEmbedder().embed([query]))
    by_text = memory.search(query, user_id="u", mode="semantic")["results"]
    by_vector = memory.search(vector=vector, user_id="u")["results"]
    assert [(hit["id"], hit["score"]) for hit in by_text] == [
        (hit["id"], hit["score"]) for hit in by_vector
    ]


def test_lexical_mode_counts_no_vector(memory: Memory) -> None:
    stored(memory)
    hits = memory.search("red bicycle", user_id="u", mode="lexical", explain=True)["results"]
    assert all("vector" not in hit["score_details"]["parts"] for hit in hits)
    assert hits[0]["memory"].startswith("I bought")


def test_a_store_without_embedder_is_searched_by_words() -> None:
    with Memory(":memory:", embedder=None) as memory:
        for text, vector in (("I like tea", [1.0, 0.0]), ("I like chess", [0.0, 1.0])):
            memory.add(text, user_id="u", infer=False, vector=vector)
        assert found(memory, "chess", limit=1) == ["I like chess"]
        assert found(memory, vector=[1.0, 0.0], limit=1) == ["I like tea"]
        # A vector beside the text decides where the words do not.
        assert found(memory, "I", vector=[1.0, 0.1], limit=1) == ["I like tea"]


def test_the_parts_of_a_score_add_up(memory: Memory) -> None:
    stored(memory, run_id="s", timestamp="2024-05-03")
    hits = memory.search("What did Ann buy in May 2024?", user_id="u", explain=True)["results"]
    for hit in hits:
        details = hit["score_details"]
        assert sum(details["parts"].values()) == pytest.approx(details["raw_score"], abs=1e-4)
        assert details["final_score"] == hit["score"]
    assert "ann" in hits[0]["score_details"]["words"] or "bought" in hits[0]["memory"]


def test_an_explanation_names_the_neighbours_that_the_search_may_show(memory: Memory) -> None:
    bought, how_much, euros, _ = stored(memory, run_id="s")
    query = "How much did the bicycle cost?"
    options: Any = {"user_id": "u", "explain": True}
    of = {
        hit["id"]: hit["score_details"]["neighbours"]
        for hit in memory.search(query, **options)["results"]
    }
    assert set(of[euros]) == {bought, how_much}
    assert of[how_much] == [bought]
    only = memory.search(query, filters={"actor_id": "Ann"}, **options)["results"]
    assert [hit["score_details"]["neighbours"] for hit in only if hit["id"] == euros] == [[bought]]
    memory.update(bought, metadata={"hidden": True})
    hits = memory.search(query, filters={"NOT": [{"hidden": True}]}, **options)["results"]
    assert all(bought not in hit["score_details"]["neighbours"] for hit in hits)
    parts = {hit["id"]: hit["score_details"]["parts"] for hit in hits}
    assert parts[euros]["before"] > 0


def test_an_explanation_of_a_semantic_search_is_the_cosine(memory: Memory) -> None:
    stored(memory)
    hit = memory.search("bicycle", user_id="u", mode="semantic", explain=True)["results"][0]
    assert hit["score_details"]["semantic_score"] == hit["score"]
    assert "parts" not in hit["score_details"]


def test_a_weight_of_zero_removes_a_number(memory: Memory) -> None:
    stored(memory)
    options: Any = {"user_id": "u", "explain": True}
    hit = memory.search("red bicycle", weights={"bm25": 0}, **options)["results"][0]
    assert "bm25" not in hit["score_details"]["parts"]
    assert hit["score_details"]["parts"]["cover"] > 0


def vector_part(memory: Any, **options: Any) -> float:
    hit = memory.search("red bicycle", user_id="u", explain=True, limit=1, **options)["results"][0]
    part: float = hit["score_details"]["parts"].get("vector", 0.0)
    return part


def test_the_vector_weight_of_a_memory_holds_where_a_search_gives_none(memory: Memory) -> None:
    stored(memory)
    cosine = vector_part(memory, weights={"vector": 1})
    assert vector_part(memory) == pytest.approx(3.1 * cosine, abs=1e-4)
    for weight in (0, 2, 7.5):
        with Memory({"path": ":memory:", "vector_weight": weight}) as other:
            stored(other)
            assert vector_part(other) == pytest.approx(weight * cosine, abs=1e-4)
            assert vector_part(other.scoped(user_id="u")) == vector_part(other)
            assert vector_part(other, weights={"date": 1}) == vector_part(other)
            assert vector_part(other, weights={"vector": 1}) == pytest.approx(cosine, abs=1e-4)
            assert vector_part(other, mode="lexical") == 0


def test_each_memory_of_a_store_has_a_vector_weight_of_its_own(tmp_path: Any) -> None:
    async def part() -> float:
        async with AsyncMemory(tmp_path, vector_weight=6) as third:
            hits = (await third.search("red bicycle", user_id="u", explain=True))["results"]
            return hits[0]["score_details"]["parts"]["vector"]

    with Memory(tmp_path) as one, Memory(tmp_path, vector_weight=6) as two:
        stored(one)
        assert vector_part(two) == pytest.approx(6 / 3.1 * vector_part(one), abs=1e-4)
        assert asyncio.run(part()) == vector_part(two)


def test_age_takes_up_to_a_fifth_of_a_score(memory: Memory) -> None:
    stored(memory, "We like tea.", timestamp="2023-01-01")
    stored(memory, "We like tea.", timestamp="2024-01-01")
    options: Any = {"user_id": "u", "reference_date": "2024-01-01"}
    plain = memory.search("Who likes tea?", **options)["results"]
    aged = memory.search("Who likes tea?", half_life=30, **options)["results"]
    assert [hit["said_at"][:4] for hit in aged] == ["2024", "2023"]
    assert aged[0]["score"] == plain[0]["score"]
    assert aged[1]["score"] == pytest.approx(plain[1]["score"] * 0.8, abs=1e-3)


def test_a_boost_multiplies_scores_of_what_matches(memory: Memory) -> None:
    plain = stored(memory, "We like tea.", metadata={"pinned": False})
    pinned = stored(memory, "We all like tea sometimes.", metadata={"pinned": True})
    order = [hit["id"] for hit in memory.search("Who likes tea?", user_id="u")["results"]]
    assert order == plain + pinned
    boost = [({"pinned": True}, 50.0)]
    hits = memory.search("Who likes tea?", user_id="u", boost=boost)["results"]
    assert [hit["id"] for hit in hits] == pinned + plain
    assert all(0 <= hit["score"] <= 1 for hit in hits)


def test_diversity_leaves_out_doubles_and_prefers_what_is_new(memory: Memory) -> None:
    stored(memory, ["I like green tea.", "I like green tea!", "Tea is served in Kyoto."])
    assert len(found(memory, "green tea")) == 3
    best, other = found(memory, "green tea", mmr=0.5)
    assert best.startswith("I like green tea")
    assert other == "Tea is served in Kyoto."


def test_a_threshold_cuts_before_boosts(memory: Memory) -> None:
    stored(memory)
    best = memory.search("red bicycle", user_id="u")["results"][0]["score"]
    boost = [({"user_id": "u"}, 100.0)]
    assert found(memory, "red bicycle", threshold=best + 0.01, boost=boost) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mode": "fuzzy"}, "mode must be one of 'hybrid', 'semantic', 'lexical', not 'fuzzy'"),
        ({"half_life": -1}, "half_life must be a number of at least 0.001, not -1"),
        ({"half_life": "1d"}, "half_life must be a number"),
        ({"mmr": 1.5}, "mmr must be a number from 0 to 1, not 1.5"),
        ({"boost": {"a": 1}}, "boost must be a list of pairs"),
        ({"boost": [("a", 1)]}, "the filter of a boost must be a dict, not 'a'"),
        ({"boost": [({"a": 1}, -1)]}, "the factor of a boost must be a number from 0 to 100"),
        ({"weights": {"bm26": 1}}, "bm26"),
        ({"weights": {"bm25": "x"}}, "must be a finite number"),
        ({"weights": {"bm25": float("nan")}}, "must be a finite number"),
        ({"explain": "yes"}, "explain must be True or False"),
    ],
)
def test_a_bad_option_is_refused_with_its_value(
    memory: Memory, options: dict[str, Any], message: str
) -> None:
    stored(memory)
    with pytest.raises(ValidationError, match=message):
        found(memory, "tea", **options)
    with pytest.raises(ValidationError, match=message):
        memory.search_many(["tea"], user_id="u", **options)


def test_a_lexical_search_needs_a_text(memory: Memory) -> None:
    with pytest.raises(ValidationError, match="needs a query"):
        found(memory, vector=[1.0] * 256, mode="lexical")


def test_a_malformed_filter_of_a_boost_is_refused(memory: Memory) -> None:
    stored(memory)
    with pytest.raises(FilterError):
        found(memory, "tea", boost=[({"a": {"near": 1}}, 2)])


@pytest.mark.parametrize(
    "query",
    ["the of and", "say mention kind", "😀🎉", "(.*)[a-z]+$^\\", "词 слово слово word", "may", "."],
)
def test_odd_questions_are_answered(memory: Memory, query: str) -> None:
    stored(memory)
    assert len(found(memory, query)) == len(TALK)


def test_a_question_of_100_kilobytes_is_answered(memory: Memory) -> None:
    stored(memory)
    words = " ".join(f"word{number}" for number in range(12_000))
    assert found(memory, words + " bicycle", limit=1)


def test_several_questions_are_answered_as_one_by_one(memory: Memory) -> None:
    stored(memory, run_id="s")
    questions = ["What did Ann buy?", "How much?", "May", "insure"]
    together = memory.search_many(questions, user_id="u", explain=True)
    assert together == [memory.search(one, user_id="u", explain=True) for one in questions]


def test_async_searches_find_the_same(memory: Memory) -> None:
    async def ask() -> list[tuple[str, float]]:
        async with AsyncMemory(":memory:") as other:
            await other.add(TALK, user_id="u", infer=False)
            hits = await other.search("red bicycle", user_id="u", mmr=0.7, half_life=10)
            return [(hit["memory"], hit["score"]) for hit in hits["results"]]

    stored(memory)
    hits = memory.search("red bicycle", user_id="u", mmr=0.7, half_life=10)["results"]
    assert asyncio.run(ask()) == [(hit["memory"], hit["score"]) for hit in hits]


def test_a_reader_searches_by_words(tmp_path: Any) -> None:
    with Memory(tmp_path / "m") as writer:
        stored(writer)
        wanted = found(writer, "red bicycle")
    with Memory(tmp_path / "m", read_only=True) as reader:
        assert found(reader, "red bicycle") == wanted


def test_a_store_that_ranks_by_no_words_says_so(memory: Memory) -> None:
    stored(memory)
    store: Any = memory._context.store
    store.capabilities = store.capabilities - {"hybrid"}
    assert found(memory, "bicycle")
    with pytest.raises(UnsupportedError, match="cannot search in mode 'lexical'"):
        found(memory, "bicycle", mode="lexical")
