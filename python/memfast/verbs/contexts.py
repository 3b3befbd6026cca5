"""`context`: what a model should know before it answers, as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from memfast._flows import checks, scopes
from memfast._flows.digest import digest
from memfast._flows.surroundings import surroundings
from memfast._flows.tokens import counter_of
from memfast._steps import Flow, restartable, work
from memfast.verbs.searches import search

if TYPE_CHECKING:
    from memfast._context import Context
    from memfast.providers.protocols import Rerank
    from memfast.types import Ids, Moment, PromptContext

# Hits that a text is made of; a budget of 1,200 tokens has room for about as many.
LIMIT = 20


@restartable
def context(
    context: Context,
    query: str,
    tokens: int = 1200,
    *,
    user_id: Ids = None,
    agent_id: Ids = None,
    run_id: Ids = None,
    limit: int | None = None,
    filters: Mapping[str, Any] | None = None,
    as_of: Moment | None = None,
    floor: float | None = None,
    tokenizer: str | Callable[[str], int] | None = None,
    rerank: Rerank = False,
) -> Flow[PromptContext]:
    """Return the memories that best match a text as a text for a prompt.

    It is in order of time, by session and day. Each turn has its speaker before it; with it come
    the turn before, and after a question the one after, where they are stored. Facts stand below
    the turn that they come from. What is said twice stands there once. A text longer than `tokens`
    characters is cut.

    Args:
        query: The text to match, such as the user's message.
        tokens: The budget: the text has no more tokens.
        user_id: See `search`.
        agent_id: See `search`.
        run_id: See `search`.
        limit: Most memories that it is made of. Default: 20.
        filters: See `search`; they hold for the turns around a memory, too.
        as_of: See `search`; it holds for the turns around a memory, too.
        floor: Least score of a memory, in [0, 1]. Default: no cut.
        tokenizer: How tokens are counted: a function from text to their number, or the name of an
            encoding of tiktoken, such as "o200k_base". Default: bytes of UTF-8 / 3, rounded up,
            which is more than most models count.
        rerank: See `search`.

    Returns:
        `text`; `memory_ids` of the memories that it shows, best first; `tokens` that it has. The
        text is a sentence that says so where nothing is found, and empty where nothing fits.

    Raises:
        ValidationError: No scope, or a bad value.
        FilterError: The filter is malformed; the message names the place.
        ConfigurationError: `rerank` or `tokenizer` names nothing that there is.
        DependencyError: A package for them is missing.

    >>> from memfast.testing import fake_memory
    >>> memory = fake_memory()
    >>> said = [{"role": "user", "name": "Ann", "content": "I live in Oslo."}]
    >>> _ = memory.add(said, user_id="ann", run_id="1", timestamp="2026-05-10", infer=False)
    >>> print(memory.context("Where does she live?", user_id="ann")["text"])
    2026-05-10
    Ann: I live in Oslo.
    """
    budget = checks.whole_number("tokens", tokens, least=1)
    count = counter_of(tokenizer)
    selection = scopes.selection(
        context.bound, user_id, agent_id, run_id, filters=filters, as_of=as_of
    )
    found = yield from search(
        context,
        checks.query_text(query),
        user_id=user_id,
        agent_id=agent_id,
        run_id=run_id,
        limit=checks.limit_of(limit, None, LIMIT),
        filters=filters,
        as_of=as_of,
        threshold=floor,
        rerank=rerank,
    )
    hits = found["results"]
    around = yield from work(partial(surroundings, context.store, selection, hits))
    text, ids, used = yield from work(partial(digest, around, budget, count))
    made: PromptContext = {"text": text, "memory_ids": ids, "tokens": used}
    if "rerank" in found:
        made["rerank"] = found["rerank"]
    return made
