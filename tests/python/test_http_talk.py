"""The talk with a provider as a sequence of steps: no sockets, no clock, no sleep."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memfast.errors import (
    AuthenticationError,
    EmbeddingError,
    LLMError,
    MemfastError,
    NetworkError,
    RateLimitError,
)
from memfast.providers.http.drivers import arun, run
from memfast.providers.http.failures import EndpointError
from memfast.providers.http.talk import (
    LONGEST_BACKOFF,
    LONGEST_PAUSE,
    Pause,
    Send,
    Talk,
    Timing,
)
from memfast.providers.openai_embedder import OpenAIEmbedder
from memfast.providers.openai_llm import OpenAILLM
from memfast.types import Prompt, Reply
from tests.python.llm_server import chat, vectors

T = TypeVar("T")
PLAIN = Prompt([{"role": "user", "content": "tea?"}])
SCHEMA = Prompt(PLAIN.messages, schema={"type": "object"})
TEA = json.dumps(chat().body)
ROWS = json.dumps(vectors([1.0, 2.0], [3.0, 4.0]).body)
TEXTS = ["a", "b"]
RUNGS = ["json_schema", "json_object", "tool", "text"]
COMPLAINT = "response_format and tools are not supported"
# json_schema, json_object, tool, text, and the four parameters that can be left out.
MOST_DIALECTS = 8


@dataclass
class Clock:
    """A clock that only the steps advance."""

    time: float = 1000.0

    def timing(self, jitter: float = 0.0) -> Timing:
        return Timing(lambda: self.time, lambda: jitter)


@dataclass
class Trace:
    """The steps of a talk, and its result or error."""

    steps: list[Send | Pause] = field(default_factory=list)
    result: Any = None
    error: MemfastError | None = None

    @property
    def sent(self) -> list[Send]:
        return [step for step in self.steps if isinstance(step, Send)]

    @property
    def pauses(self) -> list[float]:
        return [step.seconds for step in self.steps if isinstance(step, Pause)]

    @property
    def forms(self) -> list[str]:
        """The steps as words."""
        return ["pause" if isinstance(step, Pause) else form(step) for step in self.steps]


def form(send: Send) -> str:
    if "tools" in send.request:
        return "tool"
    wanted: Any = send.request.get("response_format", {"type": "text"})
    return str(wanted["type"])


def drive(
    talk: Talk[Any], outcomes: Iterator[str | EndpointError], clock: Clock, took: float = 0.0
) -> Trace:
    """Answer each `Send` with the next outcome after `took` seconds."""
    trace = Trace()
    outcome: str | EndpointError | None = None
    try:
        while True:
            step = talk.send(outcome)
            trace.steps.append(step)
            if isinstance(step, Pause):
                clock.time += step.seconds
                outcome = None
            else:
                clock.time += min(took, step.seconds)
                outcome = next(outcomes)
    except StopIteration as done:
        trace.result = done.value
    except MemfastError as error:
        trace.error = error
    return trace


def llm(**options: Any) -> OpenAILLM:
    return OpenAILLM("m", base_url="http://h.test/v1", **{"backoff": 1.0, **options})


def embedder(**options: Any) -> OpenAIEmbedder:
    return OpenAIEmbedder("m", base_url="http://h.test/v1", **{"backoff": 1.0, **options})


def failure(status: int | None = None, text: str = "no", **more: Any) -> EndpointError:
    return EndpointError(text, status, **more)


def complete(outcomes: list[str | EndpointError], prompt: Prompt = PLAIN, **options: Any) -> Trace:
    clock = Clock()
    return drive(llm(**options).talk(prompt, clock.timing()), iter(outcomes), clock)


LOST = failure(None, "ConnectError: refused")


@pytest.mark.parametrize(
    ("outcomes", "forms", "error"),
    [
        ([TEA], ["text"], None),
        ([LOST, TEA], ["text", "pause", "text"], None),
        ([failure(429), failure(503), TEA], ["text", "pause", "text", "pause", "text"], None),
        ([failure(408), failure(409), TEA], ["text", "pause", "text", "pause", "text"], None),
        ([LOST] * 3, ["text", "pause"] * 2 + ["text"], NetworkError),
        ([failure(429)] * 3, ["text", "pause"] * 2 + ["text"], RateLimitError),
        ([failure(500)] * 3, ["text", "pause"] * 2 + ["text"], NetworkError),
        ([failure(401)], ["text"], AuthenticationError),
        ([failure(400)], ["text"], LLMError),
        ([failure(404)], ["text"], LLMError),
        ([failure(307)], ["text"], LLMError),
        ([failure(429, final=True)], ["text"], RateLimitError),
        ([failure(429, retry_after=121.0)], ["text"], RateLimitError),
        ([""], ["text"], LLMError),
        (["<html>"], ["text"], LLMError),
        ([json.dumps({"error": {"message": "busy", "code": 503}}), TEA], None, None),
    ],
)
def test_each_failure_leads_to_its_steps(
    outcomes: list[str | EndpointError],
    forms: list[str] | None,
    error: type[MemfastError] | None,
) -> None:
    trace = complete(outcomes)
    assert trace.forms == (forms or ["text", "pause", "text"])
    assert (type(trace.error) if trace.error else None) is error
    if error is None:
        assert trace.result == Reply("tea", "stop", 3, 2)


def test_a_complaint_steps_down_the_ladder_without_a_pause() -> None:
    complaints: list[str | EndpointError] = [failure(400, COMPLAINT)] * 3
    trace = complete([*complaints, TEA], SCHEMA)
    assert trace.forms == RUNGS
    assert trace.result.text == "tea"
    assert complete([*complaints, failure(400, COMPLAINT)], SCHEMA).forms == RUNGS


def test_a_failing_server_gets_the_retries_once_and_not_on_each_rung() -> None:
    trace = complete([failure(500)] * 6, SCHEMA)
    assert trace.forms == ["json_schema", "pause"] * 2 + RUNGS
    assert isinstance(trace.error, NetworkError)


def test_a_content_filter_is_a_reply() -> None:
    assert complete([failure(400, code="content_filter")]).result == Reply("", "filter")


def test_only_a_dialect_that_led_to_an_answer_is_remembered() -> None:
    model, clock = llm(), Clock()

    def ask(*outcomes: str | EndpointError) -> list[str]:
        return drive(model.talk(SCHEMA, clock.timing()), iter(outcomes), clock).forms

    complaint = failure(400, COMPLAINT)
    assert ask(complaint, failure(401)) == RUNGS[:2]
    assert ask(complaint, TEA) == RUNGS[:2]
    assert ask(TEA) == RUNGS[1:2]


def test_pauses_double_up_to_the_longest_backoff() -> None:
    trace = complete([LOST] * 8, max_retries=7, deadline=1000)
    assert trace.pauses == [0.5, 1.0, 2.0, 4.0, 4.0, 4.0, 4.0]
    clock = Clock()
    trace = drive(
        llm(max_retries=7, deadline=1000).talk(PLAIN, clock.timing(1.0)), iter([LOST] * 8), clock
    )
    assert trace.pauses == [1.0, 2.0, 4.0, *[LONGEST_BACKOFF] * 4]


def test_thousands_of_retries_do_not_overflow_the_backoff() -> None:
    trace = complete([LOST] * 2000 + [TEA], max_retries=5000, deadline=1e9)
    assert trace.result.text == "tea"
    assert max(trace.pauses) <= LONGEST_BACKOFF


@pytest.mark.parametrize("asked", [0.25, 5.0, LONGEST_PAUSE / 1.1])
def test_retry_after_adds_at_most_a_tenth(asked: float) -> None:
    trace = complete([failure(429, retry_after=asked), TEA], backoff=100.0)
    (pause,) = trace.pauses
    assert asked < pause <= asked * 1.1


def test_a_pause_beyond_the_deadline_ends_the_talk() -> None:
    assert complete([failure(429, retry_after=60.0)], deadline=60.0).pauses == []
    trace = complete([failure(429, retry_after=50.0), TEA], deadline=60.0)
    assert len(trace.pauses) == 1


def test_each_request_gets_the_time_that_is_left() -> None:
    clock = Clock()
    talk = llm(timeout=40, deadline=100, max_retries=5).talk(PLAIN, clock.timing())
    trace = drive(talk, iter([LOST] * 6), clock, took=40)
    assert [send.seconds for send in trace.sent] == [40.0, 40.0, 18.5]
    assert isinstance(trace.error, NetworkError)


def test_a_pause_that_overruns_the_deadline_ends_the_talk() -> None:
    clock = Clock()
    talk = llm(deadline=100).talk(PLAIN, clock.timing())
    next(talk)
    pause = talk.send(LOST)
    assert isinstance(pause, Pause)
    clock.time += 200
    with pytest.raises(NetworkError, match="no complete reply within 100"):
        talk.send(None)


def test_the_deadline_starts_with_the_first_step() -> None:
    clock = Clock()
    talk = llm(deadline=100).talk(PLAIN, clock.timing())
    clock.time += 500
    assert isinstance(next(talk), Send)


def embed(outcomes: list[str | EndpointError], **options: Any) -> Trace:
    clock = Clock()
    return drive(embedder(**options).talk(TEXTS, clock.timing()), iter(outcomes), clock)


def test_embeddings_are_retried_by_the_same_rules() -> None:
    trace = embed([failure(429, retry_after=2.0), LOST, ROWS])
    assert trace.forms == ["text", "pause"] * 2 + ["text"]
    assert [list(row) for row in trace.result] == [[1, 2], [3, 4]]
    assert isinstance(embed([failure(400)]).error, EmbeddingError)
    assert isinstance(embed([json.dumps({"data": []})]).error, EmbeddingError)


def test_refused_dimensions_are_dropped_for_good() -> None:
    made, clock = embedder(embedding_dims=2), Clock()
    refusal = failure(400, "dimensions are not supported")
    first = drive(made.talk(TEXTS, clock.timing()), iter([refusal, ROWS]), clock)
    second = drive(made.talk(TEXTS, clock.timing()), iter([ROWS]), clock)
    assert ["dimensions" in send.request for send in first.sent + second.sent] == [
        True,
        False,
        False,
    ]
    twice = drive(embedder().talk(TEXTS, clock.timing()), iter([refusal]), clock)
    assert isinstance(twice.error, EmbeddingError)


statuses = st.sampled_from([None, 200, 307, 400, 401, 404, 408, 409, 422, 429, 500, 501, 503])
texts = st.sampled_from(
    ["no", COMPLAINT, "'max_tokens' is not supported", "temperature is deprecated", "dimensions"]
)
waits = st.none() | st.floats(0, 300)
failures = st.builds(
    EndpointError,
    texts,
    statuses,
    st.sampled_from([None, "content_filter"]) | st.none() | st.none(),
    retry_after=waits,
    final=st.booleans(),
)
bodies = st.sampled_from([TEA, ROWS, "", "[]", '{"error": {"message": "x", "code": 503}}'])
limits = st.fixed_dictionaries(
    {
        "timeout": st.floats(0.1, 100),
        "deadline": st.floats(0.1, 300),
        "max_retries": st.integers(0, 4),
        "backoff": st.floats(0.001, 50),
    }
)


@given(
    limits,
    st.booleans(),
    st.lists(failures | bodies, max_size=12),
    st.floats(0, 200),
    st.floats(0, 1),
)
def test_any_talk_ends_within_its_limits(
    options: dict[str, Any],
    embeds: bool,
    outcomes: list[str | EndpointError],
    took: float,
    jitter: float,
) -> None:
    clock = Clock()
    begun = clock.time
    talk: Talk[Any]
    if embeds:
        talk = embedder(embedding_dims=2, **options).talk(TEXTS, clock.timing(jitter))
    else:
        made = llm(temperature=0.0, max_tokens=9, **options)
        talk = made.talk(SCHEMA, clock.timing(jitter))
    rest = iter([*outcomes, *[LOST] * 100])
    trace = drive(talk, rest, clock, took)
    assert (trace.error is None) != (trace.result is None)
    assert len(trace.sent) <= MOST_DIALECTS * (options["max_retries"] + 1)
    # Each request and pause fits into what the deadline leaves.
    assert clock.time <= begun + options["deadline"] + 1e-6
    assert all(0 < send.seconds <= options["timeout"] for send in trace.sent)
    assert all(0 < pause <= LONGEST_PAUSE for pause in trace.pauses)
    # A pause stands between two requests, follows a temporary failure and is as long as asked.
    answers = iter(outcomes)
    for step, after in zip(trace.steps, [*trace.steps[1:], None], strict=True):
        if isinstance(step, Pause):
            assert isinstance(after, Send)
            continue
        answer = next(answers, LOST)
        if isinstance(after, Pause) and isinstance(answer, EndpointError):
            assert answer.temporary
            assert after.seconds >= (answer.retry_after or 0)


@given(st.lists(failures | bodies, max_size=5), st.booleans())
def test_both_drivers_take_the_same_steps(
    outcomes: list[str | EndpointError], embeds: bool
) -> None:
    def follow(*, native: bool) -> tuple[list[Send], Any]:
        sent: list[Send] = []
        rest = iter([*outcomes, *[failure(401)] * 40])

        def fetch(send: Send) -> str | EndpointError:
            sent.append(send)
            return next(rest)

        async def afetch(send: Send) -> str | EndpointError:
            return fetch(send)

        # Only a small pause fits before the deadline, so nothing sleeps for long.
        options = {"backoff": 1e-9, "deadline": 0.01, "timeout": 1e-3}
        talk: Talk[Any]
        if embeds:
            talk = embedder(embedding_dims=2, **options).talk(TEXTS, Clock().timing())
        else:
            talk = llm(**options).talk(SCHEMA, Clock().timing())
        try:
            return sent, asyncio.run(arun(talk, afetch)) if native else run(talk, fetch)
        except MemfastError as error:
            return sent, (type(error), error.message, error.details)

    threads, loop = follow(native=False), follow(native=True)
    assert threads == loop


def test_an_error_of_a_driver_ends_it() -> None:
    def fetch(_: Send) -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(llm().talk(PLAIN), fetch)


def test_text_that_utf8_cannot_express_is_replaced_before_it_is_sent() -> None:
    send = next(llm().talk(Prompt([{"role": "user", "content": "a\ud800b"}])))
    assert isinstance(send, Send)
    assert send.request["messages"] == [{"role": "user", "content": "a?b"}]
    assert math.isclose(send.seconds, 60.0)
