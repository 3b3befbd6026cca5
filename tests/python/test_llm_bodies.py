"""Bodies of replies: each is read within its limits or refused."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memfast.providers.http.failures import EndpointError, Secrets, refused
from memfast.providers.http.replies import read_chat
from memfast.providers.http.transport import LONGEST_REPLY, Body, most_bytes
from memfast.providers.http.vectors import read_vectors

NONE = Secrets()
WORDS = [
    *("choices", "message", "delta", "content", "text", "type", "thinking", "refusal", "index"),
    *("finish_reason", "tool_calls", "function", "arguments", "usage", "prompt_tokens", "stop"),
    *("data", "embedding", "error", "code", "param", "detail", "loc", "msg", "location"),
]
words = st.sampled_from(WORDS)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=4),
    max_leaves=20,
)
choices = st.fixed_dictionaries({"choices": st.lists(values, min_size=1, max_size=2)})
data = st.fixed_dictionaries({"data": st.lists(values, min_size=2, max_size=2)})
bodies = (values | choices | data).map(json.dumps)


@given(bodies, st.booleans())
def test_any_body_is_read_as_a_reply_or_raises_an_endpoint_error(body: str, streamed: bool) -> None:
    if streamed:
        body = f"data: {body}\n\ndata: [DONE]\n\n"
    try:
        reply = read_chat(body, NONE)
    except EndpointError:
        return
    assert isinstance(reply.text, str)
    assert reply.finish in {"stop", "length", "filter", "refusal", "other"}


@given(bodies)
def test_any_body_gives_one_vector_per_text_or_an_error(body: str) -> None:
    try:
        vectors = read_vectors(body, 2, None, NONE)
    except EndpointError:
        return
    assert len(vectors) == 2
    assert len({len(vector) for vector in vectors}) == 1


@given(bodies, st.integers(300, 599))
def test_any_refusal_keeps_its_status(body: str, status: int) -> None:
    failure = refused(status, {"location": "/x"}, body, NONE)
    assert failure.status == status
    assert failure.text


def test_a_compressed_body_is_decompressed_only_up_to_its_limit() -> None:
    packed = gzip.compress(bytes(50_000_000))
    body = Body(1000, {"content-encoding": "gzip"})
    tracemalloc.start()
    assert not body.add(packed)
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()
    with pytest.raises(EndpointError, match="longer than 1000 bytes"):
        body.whole()


@given(st.binary(max_size=2000), st.integers(1, 50))
def test_a_body_up_to_its_limit_is_read_in_full(raw: bytes, step: int) -> None:
    packed = gzip.compress(raw)
    for room in (len(raw), len(raw) + 1):
        body = Body(room, {"content-encoding": "GZIP"})
        assert all(body.add(packed[at : at + step]) for at in range(0, len(packed), step))
        assert body.whole() == raw


def test_vectors_may_be_longer_than_a_chat() -> None:
    assert most_bytes({"messages": []}) == LONGEST_REPLY
    # 2,048 vectors of 3,072 numbers.
    assert most_bytes({"input": ["a"] * 2048}) > 2048 * 3072 * 25
