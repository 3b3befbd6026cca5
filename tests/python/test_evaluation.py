"""`memfast eval`: files are checked, conversations stored, and the measures are as defined."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from memfast import Memory, RowError, ValidationError
from memfast.cli import app
from memfast.evaluation import run
from memfast.evaluation.files import Conversation, Question, Turn, day_of, read
from memfast.evaluation.measures import mean, measure, percentile, recall
from memfast.evaluation.storing import message_of, store
from memfast.testing import HashEmbedder, fake_memory

ROOT = Path(__file__).resolve().parents[2]
RUNNER = CliRunner()


def conversation(key: str = "c", *texts: str, **fields: Any) -> dict[str, Any]:
    """A conversation whose turns are "t0", "t1" and so on."""
    turns = [
        {"id": f"t{at}", "session": 1, "date": None, "speaker": "Ann", "text": text, **fields}
        for at, text in enumerate(texts or ("I like tea", "It rained", "My dog is called Rex"))
    ]
    return {"id": key, "speakers": ["Ann"], "turns": turns, "questions": []}


def asking(one: dict[str, Any], *questions: tuple[str, list[str]]) -> dict[str, Any]:
    rows = [{"question": text, "evidence": found, "category": 4} for text, found in questions]
    return {**one, "questions": rows}


def written(folder: Path, value: object) -> Path:
    path = folder / "questions.json"
    path.write_text(json.dumps(value))
    return path


def figures(path: Path, *arguments: str) -> dict[str, Any]:
    """What the command prints as JSON."""
    done = RUNNER.invoke(app, ["eval", str(path), "--json", "--embedder", "hash", *arguments])
    assert done.exit_code == 0, done.output
    printed: dict[str, Any] = json.loads(done.stdout)
    return printed


# ---- Files ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda one: one.pop("id"), "conversation 2, id"),
        (lambda one: one.update(turns="none"), "conversation 2, turns"),
        (lambda one: one["turns"][1].update(text=7), "conversation 2, turn 2, text"),
        (lambda one: one["turns"][1].update(id=None), "conversation 2, turn 2, id"),
        (lambda one: one["turns"][2].update(session=1.5), "conversation 2, turn 3, session"),
        (lambda one: one["turns"].append("x"), "conversation 2, turn 4"),
        (lambda one: one["turns"].append(one["turns"][0]), "two turns have the id 't0'"),
        (lambda one: one["questions"][0].pop("question"), "conversation 2, question 1, question"),
        (lambda one: one["questions"][0].update(question=" "), "conversation 2, question 1"),
        (lambda one: one["questions"][0].update(evidence=["t9"]), "evidence 't9' is the id of no"),
        (lambda one: one["questions"][0].update(evidence=[9]), "question 1, evidence 1"),
        (lambda one: one.update(id="a"), "two conversations have the id 'a'"),
    ],
)
def test_a_bad_entry_is_named(tmp_path: Path, change: Any, named: str) -> None:
    bad = asking(conversation("b"), ("tea?", ["t0"]))
    change(bad)
    path = written(tmp_path, [asking(conversation("a"), ("tea?", ["t0"])), bad])
    with pytest.raises(RowError) as caught:
        read(path)
    assert named in caught.value.message
    assert "list of conversations" in str(caught.value.suggestion)


@pytest.mark.parametrize("value", [{}, "x", None, [], [1]])
def test_a_file_without_conversations_is_refused(tmp_path: Path, value: object) -> None:
    with pytest.raises(RowError):
        read(written(tmp_path, value))


def test_a_missing_file_and_one_that_is_not_json_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="there is no file"):
        read(tmp_path / "none.json")
    (tmp_path / "bad.json").write_text("[1, 2")
    with pytest.raises(ValidationError, match="is not JSON"):
        read(tmp_path / "bad.json")


def test_the_command_shows_one_line_for_a_bad_file(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "memfast", "eval", str(tmp_path / "none.json")]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("error: there is no file")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("stamp", "day"),
    [
        ("2023-05-08", "2023-05-08"),
        ("2023-05-08T12:00:00Z", "2023-05-08"),
        ("8.5.2023", "2023-05-08"),
        ("May-8-2023", "2023-05-08"),
        ("1:56 pm on 8 May, 2023", "2023-05-08"),
        ("8 Sept 2023", "2023-09-08"),
        ("31 February, 2023", "None"),
        ("8 Mayonnaise, 2023", "None"),
        ("yesterday", "None"),
        (None, "None"),
    ],
)
def test_a_day_is_read_in_the_forms_of_the_data(stamp: str | None, day: str) -> None:
    assert str(day_of(stamp)) == day


def test_dates_that_cannot_be_read_are_counted_in_one_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "memfast"):
        read(written(tmp_path, [conversation(date="soon")]))
    [record] = caplog.records
    assert "3 dates" in record.getMessage()
    assert "soon" in record.getMessage()


# ---- What is stored -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"speaker": "Ann"}, {"role": "user", "name": "Ann", "content": "tea"}),
        ({"speaker": "user"}, {"role": "user", "content": "tea"}),
        ({"speaker": "assistant"}, {"role": "assistant", "content": "tea"}),
        ({"speaker": ""}, "tea"),
    ],
)
def test_a_turn_is_a_message_of_its_speaker(fields: dict[str, Any], message: object) -> None:
    assert message_of(Turn(id="t", text="tea", **fields)) == message


def test_a_message_has_its_day_its_session_and_the_caption_of_its_image(memory: Memory) -> None:
    turns = [
        Turn(id="a", speaker="Ann", text="See", session=7, date="8 May, 2023", image_caption="Rex"),
        Turn(id="b", speaker="Bob", text="Nice", session="x"),
        Turn(id="c", speaker="Bob", text=" ", session="x"),
        Turn(id="d", speaker="Bob", text="Bye"),
    ]
    turns_of = store(memory, Conversation(id="c", turns=turns, questions=[]), "messages")
    first, second, third = memory.get_all(user_id="c")["results"]
    assert first["memory"] == "See [shares Rex]"
    assert (first.get("actor_id"), first.get("run_id")) == ("Ann", "7")
    assert (second.get("run_id"), third.get("run_id")) == ("x", None)
    assert [turns_of(item["id"]) for item in (first, second, third)] == [{"a"}, {"b"}, {"d"}]


def test_a_text_alone_is_stored_in_its_session_on_its_day_and_found_by_its_facts() -> None:
    turns = [Turn(id="a", text="I live in Lisbon.", session="", date="8 May, 2023")]
    conversation = Conversation(id="c", turns=turns, questions=[])
    for form in ("messages", "facts"):
        with fake_memory() as memory:
            turns_of = store(memory, conversation, form)
            [item] = memory.get_all(user_id="c")["results"]
            assert item.get("said_at", "").startswith("2023-05-08")
            assert turns_of(item["id"]) == {"a"}


def test_notes_are_texts_alone(memory: Memory) -> None:
    turns = [Turn(id="a", speaker="Ann", text="tea", session=1), Turn(id="b", text="tea")]
    turns_of = store(memory, Conversation(id="c", turns=turns, questions=[]), "notes")
    first, second = memory.get_all(user_id="c")["results"]
    assert not first.keys() & {"run_id", "actor_id"}
    assert [turns_of(item["id"]) for item in (first, second)] == [{"a"}, {"b"}]


def test_a_fact_counts_for_the_turns_that_it_comes_from() -> None:
    memory = fake_memory()
    turns = [
        Turn(id="a", speaker="user", text="I live in Lisbon.", session=1),
        Turn(id="b", speaker="assistant", text="How nice!", session=1),
        Turn(id="c", speaker="user", text="I work as a nurse.", session=2),
    ]
    turns_of = store(memory, Conversation(id="u", turns=turns, questions=[]), "facts")
    stood_for = {
        item["memory"]: turns_of(item["id"]) for item in memory.get_all(user_id="u")["results"]
    }
    assert stood_for == {"I live in Lisbon.": {"a"}, "I work as a nurse.": {"c"}}
    assert turns_of(memory.add("x", user_id="u", infer=False)["results"][0]["id"]) == frozenset()


# ---- Measures -------------------------------------------------------------------------------


def test_recall_is_the_share_of_evidence_among_the_first_hits() -> None:
    ranked = [{"a"}, {"b", "c"}, {"d"}]
    assert recall(ranked, {"c", "x"}, 2) == 0.5
    assert recall(ranked, {"d"}, 2) == 0
    assert recall([], {"d"}, 2) == 0


def test_all_measures_of_an_answer() -> None:
    ranked = [{str(number)} for number in range(50)]
    measured = measure(ranked, {"3", "10", "49", "none"})
    assert measured == {
        "recall@3": 0,
        "recall@5": 0.25,
        "recall@10": 0.25,
        "recall@20": 0.5,
        "recall@50": 0.75,
        "hit@10": 1,
        "mrr": 0.25,
    }
    assert mean([measured, measure([], {"x"})])["recall@50"] == 0.375


def test_a_percentile_is_one_of_the_values() -> None:
    values = [float(number) for number in range(1, 101)]
    assert percentile(values, 0.5) == 50
    assert percentile(values, 0.99) == 99
    assert percentile([7.0], 0.99) == 7


# ---- The command ----------------------------------------------------------------------------


def test_recall_of_made_data_is_what_its_construction_gives(tmp_path: Path) -> None:
    # Each question repeats the text of one of its two pieces of evidence; the other one has no
    # word of it, and stands behind 60 turns that have one.
    texts = [f"alpha{n} beta{n} gamma{n}" for n in range(10)]
    near = [f"alpha{n} {word}" for n in range(10) for word in ("x y z", "u v w", "q r s")] * 2
    far = ["quite different words"]
    one = conversation("a", *texts, *near, *far)
    questions = [(texts[n], [f"t{n}", f"t{len(texts) + len(near)}"]) for n in range(10)]
    path = written(tmp_path, [asking(one, *questions)])
    printed = figures(path)
    [semantic] = [printed["modes"][name] for name in printed["modes"] if name == "semantic"]
    assert semantic["all"]["questions"] == 10
    measures = semantic["all"]["measures"]
    assert measures["recall@3"] == measures["recall@5"] == 0.5
    assert measures["hit@10"] == measures["mrr"] == 1
    assert semantic["foreign"] is None
    assert semantic["own"] == 1
    assert 0 < semantic["p50_ms"] <= semantic["p99_ms"]
    assert printed["memories"] == 71


def test_questions_are_also_asked_of_the_next_conversation(tmp_path: Path) -> None:
    # The second conversation holds all texts of the first, which holds none of its own.
    first = asking(conversation("a", "red tea", "old dog"), ("red tea", ["t0"]))
    second = asking(
        conversation("b", "red tea", "old dog", "wet hat"),
        ("wet hat", ["t2"]),
        ("no evidence", []),
    )
    printed = figures(written(tmp_path, [first, second]), "--threshold", "0.99", *MODE)
    assert printed["modes"]["semantic"]["all"]["questions"] == 2
    assert printed["modes"]["semantic"]["own"] == 1
    assert printed["modes"]["semantic"]["foreign"] == 0.5


MODE = ("--mode", "semantic")


def test_every_mode_that_search_has_is_measured(tmp_path: Path) -> None:
    path = written(tmp_path, [asking(conversation(), ("Rex", ["t2"]))])
    assert tuple(figures(path)["modes"]) == run.MODES
    done = RUNNER.invoke(app, ["eval", str(path), "--mode", "psychic"])
    assert isinstance(done.exception, ValidationError)


@pytest.mark.parametrize("form", ["messages", "notes", "facts"])
def test_every_form_finds_what_was_said(tmp_path: Path, form: str) -> None:
    one = conversation("a", "I live in Lisbon.", "I work as a nurse.", "I have a dog.")
    questions = [("I live in Lisbon.", ["t0"]), ("I have a dog.", ["t2"])]
    printed = figures(written(tmp_path, [asking(one, *questions)]), "--as", form)
    assert printed["as"] == form
    for mode in printed["modes"].values():
        assert mode["all"]["measures"]["recall@3"] == 1


def test_categories_are_measured_apart_and_a_limit_takes_the_first_questions(
    tmp_path: Path,
) -> None:
    one = asking(conversation(), ("I like tea", ["t0"]), ("It rained", ["t1"]), ("Rex", ["t2"]))
    for category, question in zip((1, "x", None), one["questions"], strict=True):
        question["category"] = category
    other = asking(conversation("unasked"), ("It rained", ["t1"]))
    path = written(tmp_path, [one, conversation("next"), other])
    found = figures(path, "--limit", "3", *MODE)
    categories = found["modes"]["semantic"]["categories"]
    assert {name: means["questions"] for name, means in categories.items()} == {
        "1": 1,
        "none": 1,
        "x": 1,
    }
    # Only the conversations that are asked are stored.
    assert found["memories"] == 6
    assert figures(path, *MODE)["memories"] == 9


def test_a_file_without_evidence_is_an_error(tmp_path: Path) -> None:
    path = written(tmp_path, [asking(conversation(), ("tea?", []))])
    done = RUNNER.invoke(app, ["eval", str(path)])
    assert isinstance(done.exception, ValidationError)
    assert "no question" in str(done.exception)


def test_tables_show_every_measure_and_the_progress_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, [asking(conversation(), ("I like tea", ["t0"]))])
    done = RUNNER.invoke(app, ["eval", str(path), "--embedder", "hash"])
    assert done.exit_code == 0, done.output
    for name in ("recall@3", "recall@50", "hit@10", "mrr", "p99 ms", "semantic", "own questions"):
        assert name in done.output
    steps: list[tuple[int, int]] = []
    with Memory(path=":memory:", embedder=HashEmbedder()) as memory:
        run.evaluate(
            memory,
            read(path),
            "messages",
            modes=["semantic"],
            storing=lambda done, total: steps.append((done, total)),
            asking=lambda done, total: steps.append((done, total)),
        )
    assert steps == [(3, 3), (1, 1)]


def test_a_reranker_can_be_measured(tmp_path: Path) -> None:
    path = written(tmp_path, [asking(conversation(), ("tea", ["t2"]))])

    def last_first(_query: str, texts: list[str]) -> list[float]:
        return [float("Rex" in text) for text in texts]

    with Memory(path=":memory:", embedder=HashEmbedder()) as memory:
        options = {"rerank": last_first}
        found = run.evaluate(memory, read(path), "notes", modes=["semantic"], options=options)
    assert found.modes["semantic"].all.measures["mrr"] == 1


def test_diversity_and_age_can_be_measured(tmp_path: Path) -> None:
    one = conversation("c", "I like green tea", "I like green tea!", "Kyoto has gardens")
    path = written(tmp_path, [asking(one, ("green tea", ["t0", "t1"]))])
    plain = figures(path, "--mode", "hybrid")
    assert plain["modes"]["hybrid"]["all"]["measures"]["recall@10"] == 1
    diverse = figures(path, "--mode", "hybrid", "--mmr", "0.5", "--half-life", "30")
    assert diverse["modes"]["hybrid"]["all"]["measures"]["recall@10"] == 0.5
    assert (diverse["mmr"], diverse["half_life"]) == (0.5, 30)
    done = RUNNER.invoke(app, ["eval", str(path), "--mmr", "2"])
    assert "mmr must be a number from 0 to 1, not 2.0" in str(done.exception)


def test_the_benchmark_of_retrieval_is_the_command(tmp_path: Path) -> None:
    path = written(tmp_path, [asking(conversation(), ("I like tea", ["t0"]))])
    command = [sys.executable, "-m", "benches.retrieval", str(path), "--json", *MODE]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    assert json.loads(done.stdout)["modes"]["semantic"]["all"]["questions"] == 1


def test_a_question_without_category_is_read() -> None:
    assert Question(question="q", evidence=[]).category is None
