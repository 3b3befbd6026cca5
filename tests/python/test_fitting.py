"""`memfast eval --fit`, `--without`, `--no-relative-dates`: what numbers of the ranking count."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from typer.testing import CliRunner

from memfast import Memory, ValidationError
from memfast.cli import app
from memfast.evaluation.files import Conversation, Question, Turn, read
from memfast.evaluation.fitting import WEIGHTS, Case, fit, fitted, halves
from memfast.evaluation.run import Asked

RUNNER = CliRunner()


def turn(key: str, text: str, **fields: Any) -> dict[str, Any]:
    """A turn in a session of its own."""
    return {"id": key, "session": key, "date": None, "speaker": "", "text": text, **fields}


def written(folder: Path, *conversations: dict[str, Any]) -> Path:
    path = folder / "questions.json"
    path.write_text(json.dumps(conversations))
    return path


def one(turns: list[dict[str, Any]], *questions: tuple[str, str], key: str = "c") -> dict[str, Any]:
    rows = [{"question": text, "evidence": [found]} for text, found in questions]
    return {"id": key, "turns": turns, "questions": rows}


def printed(path: Path, *arguments: str) -> dict[str, Any]:
    done = RUNNER.invoke(app, ["eval", str(path), "--json", "--embedder", "hash", *arguments])
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def first_found(path: Path, *arguments: str) -> bool:
    """Whether the one question of a file is answered by the first hit of a hybrid search."""
    modes = printed(path, "--mode", "hybrid", *arguments)["modes"]
    rank: float = modes["hybrid"]["all"]["measures"]["mrr"]
    return rank == 1


def misled(key: str, count: int) -> dict[str, Any]:
    """A conversation whose questions name Ann, while the answers are Bob's."""
    turns, questions = [], []
    for at in range(count):
        word = f"{key}topic{at}"
        turns += [
            turn(f"a{at}", f"Today {word} was fine", speaker="Ann"),
            turn(f"b{at}", f"Of {word} only {word}", speaker="Bob"),
        ]
        questions.append((f"Ann {word}", f"b{at}"))
    return one(turns, *questions, key=key)


def test_the_weights_that_a_fit_begins_with_are_those_of_searches() -> None:
    said = [
        {"role": "user", "name": "Ann", "content": "Which bicycle shall I buy in May?"},
        {"role": "assistant", "content": "A red bicycle. " + "It has many fine parts. " * 40},
        {"role": "user", "name": "Ann", "content": "I bought the red bicycle"},
    ]
    with Memory(":memory:") as memory:
        memory.add(said, user_id="u", run_id="s", timestamp="2024-05-03", infer=False)
        options: Any = {"user_id": "u", "explain": True}
        for question in ("What bicycle did you recommend in May 2024?", "What did Ann buy?"):
            hits = memory.search(question, **options)["results"]
            assert hits == memory.search(question, weights=WEIGHTS, **options)["results"]
            for name in {name for hit in hits for name in hit["score_details"]["parts"]}:
                other = memory.search(question, weights={**WEIGHTS, name: 0}, **options)
                assert other["results"] != hits, name


def cases(count: int, seed: int = 1) -> list[Case]:
    """Questions whose evidence has the greatest `cover`, which `date` and `length` hide."""
    random = Random(seed)
    made = []
    for _ in range(count):
        size = 30
        cover = [random.random() for _ in range(size)]
        best = max(range(size), key=cover.__getitem__)
        numbers = {
            "cover": cover,
            "date": [random.random() * 2 for _ in range(size)],
            "length": [random.random() for _ in range(size)],
        }
        covers = [frozenset({"t"} if at == best else ()) for at in range(size)]
        made.append(Case(numbers, covers, 1))
    return made


def test_a_fit_finds_the_number_that_tells_and_drops_those_that_mislead() -> None:
    found = fitted(cases(40), {"cover": 1.0, "date": 1.0, "length": 1.0, "speaker": 0.0})
    assert found["cover"] > 20 * max(found["date"], found["length"])
    # What counts nothing stays so, also where it would help.
    assert fitted(cases(40), {"cover": 0.0, "date": 1.0, "length": 1.0})["cover"] == 0


def test_a_fit_never_ends_with_less_than_it_began_with() -> None:
    for seed in range(5):
        made = cases(10, seed)
        begin = {"cover": 1.0, "date": 2.0, "length": 0.5}
        before, after = (
            sum(case.value(case.sums(weights)) for case in made)
            for weights in (begin, fitted(made, begin))
        )
        assert after >= before


def test_the_value_of_an_order_is_recall_at_10_and_the_reciprocal_rank() -> None:
    covers = [frozenset({key}) if key else frozenset() for key in ("", "a", "b", "")]
    case = Case({"cover": [4.0, 3.0, 2.0, 1.0]}, [*covers, *[frozenset({"c"})] * 9], 4)
    assert case.value([4.0, 3.0, 2.0, 1.0, *[0.5] * 9]) == 0.75 + 0.5
    # Of equal sums the least id is found first.
    assert case.value([1.0, 1.0, 1.0, 1.0, *[0.5] * 9]) == 0.75 + 0.5
    assert Case({}, [frozenset()] * 3, 1).value([1.0, 2.0, 3.0]) == 0
    late = Case({}, [*[frozenset()] * 60, frozenset({"a"})], 1)
    assert late.value([1.0] * 61) == 0


def asked(*counts: int) -> list[Asked]:
    question = Question(question="q", evidence=["t"])
    return [Asked(question, own, own) for own, count in enumerate(counts) for _ in range(count)]


def test_conversations_are_not_divided_between_what_is_learned_and_what_judges() -> None:
    learned, held_out = halves(asked(30, 50, 20, 10))
    assert len(learned) + len(held_out) == 110
    assert not {one.own for one in learned} & {one.own for one in held_out}
    assert abs(len(learned) - len(held_out)) <= 10
    for counts in ((40,), (90, 10)):
        learned, held_out = halves(asked(*counts))
        assert abs(len(learned) - len(held_out)) <= 1


def test_weights_that_help_on_questions_held_out_are_to_be_passed(tmp_path: Path) -> None:
    path = written(tmp_path, misled("x", 15), misled("y", 15))
    found = printed(path, "--fit")
    assert found["better"]
    assert found["weights"] == found["found"] != {}
    held_out = found["held_out"]
    assert held_out["questions"] == 15
    assert held_out["before"]["mrr"] == 0.5
    assert held_out["after"]["mrr"] == 1
    assert found["gain"] == pytest.approx(0.5)
    done = RUNNER.invoke(app, ["eval", str(path), "--embedder", "hash", "--fit"])
    assert f"Pass weights={json.dumps(found['weights'])}" in done.stdout
    assert "held out" in done.stdout
    # They are what searches take.
    conversations = read(path)
    with Memory(":memory:", embedder="hash") as memory:
        for conversation in conversations:
            for said in conversation.turns:
                message = {"role": "user", "name": said.speaker, "content": said.text}
                memory.add([message], user_id=conversation.id, run_id=said.id, infer=False)
        for conversation in conversations:
            for question in conversation.questions:
                hits = memory.search(
                    question.question, user_id=conversation.id, weights=found["weights"]
                )
                assert hits["results"][0]["actor_id"] == "Bob"


def test_a_fit_keeps_the_weights_where_no_other_ones_are_surely_better(tmp_path: Path) -> None:
    turns = [turn(f"t{at}", f"word{at} alpha{at % 3}") for at in range(30)]
    right = one(turns, *[(f"word{at}", f"t{at}") for at in range(30)])
    found = printed(written(tmp_path, right), "--fit", "--without", "vector")
    assert (found["found"], found["better"]) == ({}, False)
    assert found["weights"] == {"vector": 0}
    assert found["gain"] == 0
    done = RUNNER.invoke(app, ["eval", str(tmp_path / "questions.json"), "--fit"])
    assert "keep the weights as they are" in done.stdout.lower()


def test_a_fit_tells_its_progress_and_starts_from_the_weight_of_the_memory() -> None:
    conversation = Conversation(
        id="c",
        turns=[Turn(id=f"t{at}", text=f"word{at}") for at in range(20)],
        questions=[Question(question=f"word{at}", evidence=[f"t{at}"]) for at in range(20)],
    )
    steps: list[tuple[int, int]] = []
    with Memory({"path": ":memory:", "embedder": "hash", "vector_weight": 9.0}) as memory:
        done = fit(
            memory, [conversation], "notes", asking=lambda now, total: steps.append((now, total))
        )
    assert steps[-1] == (50, 50)
    assert all(a < b for a, b in pairwise(steps))
    assert done.learned.questions == done.held_out.questions == 10


def test_a_number_left_out_counts_nothing(tmp_path: Path) -> None:
    turns = [
        turn("old", "We met friends in the park", date="2024-09-03"),
        turn("may", "We met", date="2024-05-03"),
    ]
    path = written(tmp_path, one(turns, ("Which friends did we meet in May?", "may")))
    assert first_found(path)
    assert not first_found(path, "--without", "date")
    found = printed(path, "--without", "date", "--without", "vector", "--without", "date")
    assert found["without"] == ["date", "vector"]
    hybrid, lexical = found["modes"]["hybrid"], found["modes"]["lexical"]
    assert (hybrid["all"], hybrid["own"]) == (lexical["all"], lexical["own"])


def test_relative_dates_can_be_left_unread(tmp_path: Path) -> None:
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    turns = [
        turn("old", "We met friends in the park", date="2020-09-03"),
        turn("new", "We met", date=yesterday),
    ]
    path = written(tmp_path, one(turns, ("Which friends did we meet yesterday?", "new")))
    assert first_found(path)
    assert not first_found(path, "--no-relative-dates")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--without", "bm26"), "--without: there is no 'bm26'"),
        (("--mode", "psychic"), "--mode: there is no 'psychic'"),
        (("--fit", "--mode", "lexical"), "--fit is about hybrid searches"),
        (("--fit", "--rerank", "cohere"), "--fit is about hybrid searches"),
        (("--fit",), "a fit needs 20 questions with evidence or more, not 1"),
    ],
)
def test_bad_options_are_refused(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    path = written(tmp_path, one([turn("t", "tea")], ("tea?", "t")))
    done = RUNNER.invoke(app, ["eval", str(path), "--embedder", "hash", *arguments])
    assert isinstance(done.exception, ValidationError)
    assert message in str(done.exception)
