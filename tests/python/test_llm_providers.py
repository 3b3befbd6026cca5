"""Language models over real sockets, against a server with scripted faults."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import os
import pickle
import signal
import socket
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from email.utils import formatdate
from typing import Any

import pytest

from memfast import errors
from memfast.config import environment_proxy
from memfast.providers import load_llm
from memfast.providers.http.transport import LONGEST_REPLY, SENT
from memfast.providers.openai_llm import OpenAILLM
from memfast.types import Prompt, Reply
from tests.python.llm_server import Answer, Asked, Server, chat, refused, serving

KEY = "sk-very-secret-0123456789"
ASK = Prompt([{"role": "user", "content": "tea?"}])
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
ASK_JSON = Prompt([{"role": "user", "content": "tea?"}], schema=SCHEMA, name="facts")
Asking = Callable[[OpenAILLM, Prompt], Reply]


def model(server: Server, **options: Any) -> OpenAILLM:
    settings = {"base_url": server.url, "api_key": KEY, "backoff": 0.001, **options}
    return OpenAILLM(settings.pop("model", "m"), **settings)


def carrier(llm: OpenAILLM) -> Any:
    return llm._endpoint._carrier


def in_threads(llm: OpenAILLM, prompt: Prompt) -> Reply:
    try:
        return llm.complete(prompt)
    finally:
        llm.close()


def in_a_loop(llm: OpenAILLM, prompt: Prompt) -> Reply:
    async def ask() -> Reply:
        try:
            return await llm.acomplete(prompt)
        finally:
            await llm.aclose()

    return asyncio.run(ask())


@pytest.fixture(params=[in_threads, in_a_loop])
def ask(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Asking:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.delenv(name, raising=False)
    chosen: Asking = request.param
    return chosen


def events(*lines: object) -> Answer:
    text = "".join(f"data: {line if line == '[DONE]' else json.dumps(line)}\n\n" for line in lines)
    return Answer(text, headers={"content-type": "text/event-stream"})


LINES = (
    'id: 1\r\n: still here\r\ndata: {"choices": [{"delta": {"content": "a\u2028b\x85c"}, '
    '"finish_reason": "stop"}]}\r\n\r\n'
)


def piece(finish: str | None = None, **delta: object) -> dict[str, object]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


CUT = replace(chat("x" * 4096), cut=True)
CALL = {"id": "1", "type": "function", "function": {"name": "facts", "arguments": '{"a": "b"}'}}
PARTS = [{"type": "text", "text": "te"}, {"type": "image"}, "a", None, {"text": None}]
THOUGHT = {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}], "text": "hm"}
FLOOD = b" " * (LONGEST_REPLY + 1)


def coded(body: bytes, coding: str = "gzip") -> Answer:
    return Answer(body, headers={"content-encoding": coding})


def failing_choice(code: int) -> Answer:
    choice = {"message": {"content": "te"}, "finish_reason": "error", "error": {"code": code}}
    return Answer({"choices": [choice]})


@pytest.mark.parametrize(
    ("answer", "text", "finish"),
    [
        (chat("tea"), "tea", "stop"),
        (chat(None), "", "stop"),
        (chat(PARTS), "tea", "stop"),
        (chat([THOUGHT, *PARTS]), "tea", "stop"),
        (chat("tea", reasoning_content="hm"), "tea", "stop"),
        (chat(None, "length", reasoning_content="hm"), "", "length"),
        (chat(None, tool_calls=[{"function": {"arguments": {"a": 1}}}]), '{"a": 1}', "stop"),
        (chat(None, tool_calls=[None, {"function": None}]), "", "stop"),
        (Answer(b"\xef\xbb\xbf" + json.dumps(chat().body).encode()), "tea", "stop"),
        (Answer(json.dumps(chat("t?a").body).replace("?", "\udcff")), "t\ufffda", "stop"),
        (coded(gzip.compress(json.dumps(chat().body).encode())), "tea", "stop"),
        (chat(None, "tool_calls", tool_calls=[CALL]), '{"a": "b"}', "stop"),
        (chat("", "length"), "", "length"),
        (chat("te", "length"), "te", "length"),
        (chat(None, "content_filter"), "", "filter"),
        (refused(400, "held back", code="content_filter"), "", "filter"),
        (chat(None, refusal="I will not"), "I will not", "refusal"),
        (chat("tea", None), "tea", "stop"),
        (chat("tea", "sudden"), "tea", "other"),
        (chat("tea", ["stop"]), "tea", "other"),  # type: ignore[arg-type]
        (events(piece(content="te"), piece("stop", content="a"), "[DONE]"), "tea", "stop"),
        (events(piece("tool_calls", tool_calls=[CALL]), "[DONE]"), '{"a": "b"}', "stop"),
        (events(piece("stop", content=PARTS)), "tea", "stop"),
        (events(piece("stop", refusal="I will not")), "I will not", "refusal"),
        (events({"choices": 5}, {"choices": ["x"]}, piece("stop", content=3)), "", "stop"),
        (Answer(LINES), "a\u2028b\x85c", "stop"),
    ],
)
def test_an_answer_is_read_in_every_form(
    ask: Asking, answer: Answer, text: str, finish: str
) -> None:
    with serving(answer) as server:
        reply = ask(model(server), ASK)
    assert (reply.text, reply.finish) == (text, finish)


def test_token_counts_of_the_endpoint_are_returned(ask: Asking) -> None:
    with serving(chat()) as server:
        reply = ask(model(server), ASK)
    assert (reply.prompt_tokens, reply.reply_tokens) == (3, 2)


def test_only_options_that_are_given_are_sent(ask: Asking) -> None:
    with serving(chat()) as server:
        ask(model(server), ASK)
        ask(model(server, temperature=0, top_p=0.5, max_tokens=9, extra_body={"seed": 1}), ASK)
        ask(model(server, max_tokens=9), Prompt(ASK.messages, max_tokens=5))
    plain, full, prompted = server.bodies
    assert plain == {"model": "m", "messages": ASK.messages}
    assert full == {**plain, "temperature": 0, "top_p": 0.5, "max_tokens": 9, "seed": 1}
    assert prompted == {**plain, "max_tokens": 5}
    assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refused(401, "bad key"), errors.AuthenticationError),
        (refused(403, "not you"), errors.AuthenticationError),
        (refused(429, "slow down"), errors.RateLimitError),
        (refused(408, "too slow"), errors.NetworkError),
        (refused(500, "oh"), errors.NetworkError),
        (refused(503, "oh"), errors.NetworkError),
        (Answer("<html>bad gateway</html>", 502), errors.NetworkError),
        (refused(400, "too long"), errors.LLMError),
        (refused(404, "no such model"), errors.LLMError),
        (refused(422, "what?"), errors.LLMError),
        (Answer("<html>sign in</html>"), errors.LLMError),
        (Answer(""), errors.LLMError),
        (Answer([1]), errors.LLMError),
        (Answer({}), errors.LLMError),
        (Answer({"choices": []}), errors.LLMError),
        (Answer({"choices": [None]}), errors.LLMError),
        (Answer({"error": {"message": "no", "code": "x"}}), errors.LLMError),
        (Answer({"error": "no"}), errors.LLMError),
        (Answer({"error": {"message": "no", "code": 429}}), errors.RateLimitError),
        (Answer({"error": {"message": "no", "code": 503}}), errors.NetworkError),
        (Answer("[" * 100_000), errors.LLMError),
        (events(piece(content="te")), errors.LLMError),
        (failing_choice(400), errors.LLMError),
        (failing_choice(502), errors.NetworkError),
        (Answer(FLOOD), errors.LLMError),
        (coded(gzip.compress(FLOOD)), errors.LLMError),
        (coded(gzip.compress(gzip.compress(FLOOD)), "gzip, gzip"), errors.LLMError),
        (coded(b"{}", "br"), errors.LLMError),
        (coded(b"{}"), errors.NetworkError),
        (CUT, errors.NetworkError),
    ],
)
def test_each_failure_raises_its_error(
    ask: Asking, answer: Answer, kind: type[errors.MemfastError]
) -> None:
    with serving(answer) as server, pytest.raises(errors.MemfastError) as caught:
        ask(model(server), ASK)
    assert type(caught.value) is kind
    assert server.url.split("/")[2] in caught.value.message
    assert type(pickle.loads(pickle.dumps(caught.value))) is kind


def test_a_temporary_failure_is_retried(ask: Asking) -> None:
    hidden = Answer({"error": {"message": "overloaded", "code": 503}})
    passing = [refused(status, "x") for status in (429, 500, 503, 408)]
    for answer in (*passing, hidden, failing_choice(502)):
        with serving(answer, answer, chat()) as server:
            assert ask(model(server), ASK).text == "tea"
        assert len(server.asked) == 3
    with serving(CUT, chat()) as server:
        assert ask(model(server), ASK).text == "tea"


@pytest.mark.parametrize(
    ("answer", "tries"),
    [
        (refused(429, "x"), 3),
        (refused(500, "x"), 3),
        (refused(400, "x"), 1),
        (refused(401, "x"), 1),
        (refused(429, "pay", code="insufficient_quota"), 1),
        (refused(503, "x", {"x-should-retry": "false"}), 1),
        (refused(429, "x", {"retry-after": "121"}), 1),
        (refused(429, "x", {"retry-after": formatdate(4e9, usegmt=True)}), 1),
    ],
)
def test_only_temporary_failures_are_retried_and_at_most_max_retries_times(
    ask: Asking, answer: Answer, tries: int
) -> None:
    with serving(answer) as server, pytest.raises(errors.MemfastError):
        ask(model(server, max_retries=2), ASK)
    assert len(server.asked) == tries


def test_a_request_that_is_not_json_is_not_retried(ask: Asking) -> None:
    with serving(chat()) as server, pytest.raises(errors.ConfigurationError, match="JSON"):
        ask(model(server, extra_body={"seed": object()}), ASK)
    assert server.asked == []


def test_a_retry_after_beyond_the_deadline_raises_at_once(ask: Asking) -> None:
    with (
        serving(refused(429, "x", {"retry-after": "60"})) as server,
        pytest.raises(errors.RateLimitError) as caught,
    ):
        ask(model(server, deadline=30), ASK)
    assert len(server.asked) == 1
    assert caught.value.details["retry_after"] == 60


@pytest.mark.parametrize(
    "headers",
    [
        {"retry-after": "0.01"},
        {"retry-after-ms": "10"},
        {"retry-after": formatdate(0, usegmt=True)},
        {"retry-after": "soon"},
        {"retry-after": "-1"},
        {"retry-after": "nan"},
    ],
)
def test_every_form_of_retry_after_is_understood(ask: Asking, headers: dict[str, str]) -> None:
    with serving(refused(429, "x", headers), chat()) as server:
        assert ask(model(server), ASK).text == "tea"


def test_a_slow_answer_is_a_network_error(ask: Asking) -> None:
    never = threading.Event()
    with serving(Answer(hold=never)) as server:
        # Long enough for a busy machine to connect.
        llm = model(server, timeout=0.5, max_retries=1)
        with pytest.raises(errors.NetworkError, match="in time"):
            ask(llm, ASK)
        never.set()
    assert len(server.asked) == 2


def test_an_answer_that_trickles_in_stops_at_the_timeout(ask: Asking) -> None:
    with (
        serving(Answer("x" * 1000, drip=0.05)) as server,
        pytest.raises(errors.NetworkError, match="in time"),
    ):
        ask(model(server, timeout=0.2, max_retries=0), ASK)


@pytest.mark.parametrize(
    "answer",
    [
        replace(refused(401, "x" * 4096), cut=True),
        Answer(FLOOD, 401),
        replace(coded(gzip.compress(FLOOD)), status=401),
        replace(coded(b"?", "br"), status=401),
        replace(coded(b"?"), status=401),
    ],
)
def test_a_refusal_keeps_its_error_if_its_body_is_broken(ask: Asking, answer: Answer) -> None:
    with serving(answer) as server, pytest.raises(errors.AuthenticationError) as caught:
        ask(model(server), ASK)
    assert len(server.asked) == 1
    assert len(caught.value.message) < 1000


def test_the_body_of_a_refusal_has_a_time_limit(
    ask: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memfast.providers.http.transport.PATIENCE", 0.1)
    with serving(Answer("x" * 30, 401, drip=0.05)) as server:
        with pytest.raises(errors.AuthenticationError) as caught:
            ask(model(server), ASK)
        assert "x" * 30 not in caught.value.message


def test_an_unreachable_endpoint_is_a_network_error(ask: Asking) -> None:
    with serving(chat()) as server:
        url = server.url
    with pytest.raises(errors.NetworkError) as caught:
        ask(OpenAILLM("m", base_url=url, api_key=KEY, max_retries=0), ASK)
    assert isinstance(caught.value, ConnectionError)


def test_a_redirect_is_not_followed(ask: Asking) -> None:
    with serving(chat()) as other:
        away = Answer("", 307, {"location": f"{other.url}/chat/completions?key={KEY}"})
        with serving(away) as server, pytest.raises(errors.LLMError, match="redirects") as caught:
            ask(model(server), ASK)
        assert other.asked == []
    assert KEY not in repr(caught.value)


def test_errors_and_logs_never_show_the_key(ask: Asking, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    echoed = f"Incorrect API key: {KEY}, header Bearer {KEY}, token-of-mine"
    echo = [
        refused(401, echoed, code=KEY),
        refused(400, echoed),
        Answer(echoed, 400),
        Answer(echoed),
        Answer({"error": echoed}),
        Answer({"choices": echoed}),
    ]
    for answer in echo:
        with serving(answer) as server:
            llm = model(server, headers={"x-token": "token-of-mine"})
            with pytest.raises(errors.MemfastError) as caught:
                ask(llm, ASK)
        shown = "".join(traceback.format_exception(caught.value))
        link: BaseException | None = caught.value
        while link is not None:
            shown += repr(link) + str(vars(link))
            link = link.__cause__ or link.__context__
        shown += repr(llm) + repr(vars(llm)) + repr(llm._endpoint.settings)
        # The wire log of the HTTP library shows what the server sent, as it was sent.
        ours = [log.getMessage() for log in caplog.records if not log.name.startswith("httpcore")]
        shown += "".join(ours)
        for secret in (KEY, KEY[:12], "token-of-mine"):
            assert secret not in shown


FACT = "Ann is ill"
REPEATED = {"type": "missing", "loc": ["body", "model"], "msg": "Field required", "input": FACT}


@pytest.mark.parametrize(
    "answer",
    [
        Answer(FACT),
        Answer([FACT]),
        Answer({"choices": FACT}),
        Answer(json.dumps(chat(FACT).body)[:-9]),
        events(piece(content=FACT), "{"),
        Answer({"detail": [REPEATED]}, 422),
    ],
)
def test_errors_never_quote_the_model(ask: Asking, answer: Answer) -> None:
    with serving(answer) as server, pytest.raises(errors.LLMError) as caught:
        ask(model(server), ASK)
    assert FACT not in "".join(traceback.format_exception(caught.value)) + repr(caught.value)


@pytest.mark.parametrize(
    ("answer", "shown_text"),
    [
        (Answer("<html>sign in</html>"), "sign in"),
        (Answer({"detail": [REPEATED]}, 422), "'model'.: Field required"),
    ],
)
def test_errors_name_the_page_that_answered_and_the_missing_field(
    ask: Asking, answer: Answer, shown_text: str
) -> None:
    with serving(answer) as server, pytest.raises(errors.LLMError, match=shown_text):
        ask(model(server), ASK)


def test_at_most_max_concurrency_requests_are_in_flight() -> None:
    most, calls = 3, 12
    # It opens only if `most` requests are in flight at once.
    barrier = threading.Barrier(most, timeout=10)

    def script(_: Asked) -> Answer:
        barrier.wait()
        return chat()

    with serving(script) as server:
        llm = model(server, max_concurrency=most, max_retries=0)
        with ThreadPoolExecutor(calls) as pool:
            assert len([*pool.map(llm.complete, [ASK] * calls)]) == calls
        llm.close()
        assert server.most == most

        async def together() -> None:
            await asyncio.gather(*(llm.acomplete(ASK) for _ in range(calls)))
            await llm.aclose()

        asyncio.run(together())
        assert server.most == most
    assert len(server.asked) == 2 * calls


def test_one_model_serves_one_event_loop_after_another() -> None:
    with serving(chat()) as server:
        llm = model(server)
        for _ in range(3):
            assert in_a_loop(llm, ASK).text == "tea"
        assert len(carrier(llm)._loops) <= 1
        assert len(llm._endpoint._loop_slots) <= 1


def test_a_cancelled_call_releases_its_slot() -> None:
    came, never = threading.Event(), threading.Event()

    def hang(_: Asked) -> Answer:
        came.set()
        return Answer(hold=never)

    async def story(llm: OpenAILLM) -> Reply:
        task = asyncio.create_task(llm.acomplete(ASK))
        await asyncio.to_thread(came.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        reply = await llm.acomplete(ASK)
        await llm.aclose()
        return reply

    with serving(hang, chat()) as server:
        assert asyncio.run(story(model(server, max_concurrency=1))).text == "tea"
        never.set()


def test_a_call_may_be_cancelled_at_any_of_its_steps() -> None:
    async def cancelled(llm: OpenAILLM, steps: int) -> None:
        # The second waits for the slot of the first.
        tasks = [asyncio.create_task(llm.acomplete(ASK)) for _ in range(2)]
        for _ in range(steps):
            await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert not llm._endpoint._loop_slots.here().locked()

    async def story(server: Server) -> None:
        llm = model(server, max_concurrency=1)
        for steps in range(0, 80, 2):
            await cancelled(llm, steps)
        assert (await llm.acomplete(ASK)).text == "tea"
        await llm.aclose()

    with serving(lambda _: refused(503, "x") if len(server.asked) % 2 else chat()) as server:
        asyncio.run(story(server))


def test_text_that_utf8_cannot_express_is_sent_with_question_marks(ask: Asking) -> None:
    with serving(chat()) as server:
        ask(model(server), Prompt([{"role": "user", "content": "a\ud800b"}]))
    assert server.bodies[0]["messages"][0]["content"] == "a?b"


def test_variables_of_openai_are_not_sent_to_other_providers(
    ask: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_ORG_ID", "org-1")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project-1")
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "admin-1")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "x-custom: custom-1\nAuthorization: Bearer other-1")
    with serving(chat()) as server:
        ask(OpenAILLM("m", provider="vllm", base_url=server.url), ASK)
    shown = str(server.asked[0].headers)
    kept = (KEY, "org-1", "project-1", "admin-1", "custom-1", "other-1")
    assert not any(secret in shown for secret in kept)


def test_only_allowed_headers_are_sent(ask: Asking) -> None:
    with serving(chat()) as server:
        ask(model(server, headers={"X-Gate": "gate", "Accept-Encoding": "br"}), ASK)
    headers = server.asked[0].headers
    assert set(headers) <= {*SENT, "authorization", "accept-encoding", "x-gate"}
    assert (headers["x-gate"], headers["accept-encoding"]) == ("gate", "gzip")


def test_a_proxy_of_the_environment_sees_only_the_host(
    ask: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.getsockname()[1]}")
        with serving(chat()) as server:
            assert ask(model(server), ASK).text == "tea"
        seen = []

        def refuse() -> None:
            connection, _ = proxy.accept()
            with connection:
                seen.append(connection.recv(65_536))
                connection.sendall(b"HTTP/1.1 403 No\r\ncontent-length: 0\r\n\r\n")

        thread = threading.Thread(target=refuse)
        thread.start()
        with pytest.raises(errors.NetworkError):
            ask(OpenAILLM("m", base_url="https://h.test/v1", api_key=KEY, max_retries=0), ASK)
        thread.join()
    assert seen[0].startswith(b"CONNECT h.test:443 ")
    assert not any(word in seen[0] for word in (KEY.encode(), b"tea"))


@pytest.mark.parametrize(
    ("variables", "proxy"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://p:1"}, "http://p:1"),
        ({"HTTPS_PROXY": "p:1"}, "http://p:1"),
        ({"ALL_PROXY": "socks5://p:1"}, "socks5://p:1"),
        ({"ALL_PROXY": "http://all:1", "HTTPS_PROXY": "http://p:1"}, "http://p:1"),
        ({"HTTP_PROXY": "http://p:1"}, None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"}, None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "other,.test"}, None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "other.test"}, "http://p:1"),
    ],
)
def test_the_environment_names_the_proxy_of_a_url(
    variables: dict[str, str], proxy: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert environment_proxy("https://h.test:443/v1") == proxy


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the platform has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_process_opens_its_own_connections() -> None:
    with serving(chat()) as server:
        llm = model(server, max_concurrency=1, max_retries=0)
        llm.complete(ASK)
        with llm._endpoint._slots:
            child = os.fork()
            if child == 0:
                # Ends the child if it waits for a slot that no thread of its own holds.
                signal.alarm(20)
                fresh = carrier(llm)._client is None
                os._exit(0 if fresh and llm.complete(ASK).text == "tea" else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert llm.complete(ASK).text == "tea"
        llm.close()


def test_repeated_close_keeps_no_finalizer() -> None:
    with serving(chat()) as server:
        llm = model(server)
        for _ in range(2):
            llm.complete(ASK)
            closing: Any = carrier(llm)._closing
            llm.close()
            llm.close()
            assert not closing.alive


def test_azure_requests_name_deployment_and_version(
    ask: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_OPENAI_AD_TOKEN", "token-1")
    with serving(chat()) as server:
        url = server.url.removesuffix("/v1")
        config = {
            "model": "ignored",
            "azure_kwargs": {"azure_endpoint": url, "azure_deployment": "mine", "api_key": KEY},
        }
        llm: Any = load_llm({"provider": "azure_openai", "config": config})
        assert ask(llm.inner, ASK).text == "tea"
    assert server.asked[0].path == (
        "/openai/deployments/mine/chat/completions?api-version=2024-10-21"
    )
    assert server.asked[0].headers["api-key"] == KEY
    assert "token-1" not in str(server.asked[0].headers)
