"""Secrets: found, masked before anyone reads them, and named in the result."""

from __future__ import annotations

import pytest

from memfast import Memory, NetworkError
from memfast.extraction.secrets import MASK, masked
from memfast.testing import FakeLLM, fake_memory

PASSWORD = "The wifi password of our cabin is Tr0ub4dor&3"
CLEAN = f"The wifi password of our cabin is {MASK}"


@pytest.mark.parametrize(
    ("text", "clean", "kind"),
    [
        (PASSWORD, CLEAN, "password"),
        ("My pin is 4821.", f"My pin is {MASK}.", "pin"),
        ("ssn 123-45-6789", f"ssn {MASK}", "social security number"),
        ("pay with 4111 1111 1111 1111", f"pay with {MASK}", "card"),
        ("IBAN DE89370400440532013000", f"IBAN {MASK}", "iban"),
        ("AKIAIOSFODNN7EXAMPLE is the id", f"{MASK} is the id", "token"),
        ("postgres://bob:hunter2@db/app", f"postgres://bob:{MASK}@db/app", "password"),
        ("the password is swordfish", f"the password is {MASK}", "password"),
        ("hunter22 is my new password", f"{MASK} is my new password", "password"),
        (
            "-----BEGIN EC PRIVATE KEY-----\nMHc=\n-----END EC PRIVATE KEY-----",
            MASK,
            "private key",
        ),
    ],
)
def test_a_secret_is_masked_and_its_kind_named(text: str, clean: str, kind: str) -> None:
    assert masked(text) == (clean, [kind])


def test_a_token_is_recognised_by_the_detector_of_its_service() -> None:
    token = f"{'M' * 24}.{'x' * 5}1.{'k' * 27}"
    assert masked(f"our bot runs with {token}") == (f"our bot runs with {MASK}", ["key"])


@pytest.mark.parametrize(
    "text",
    [
        "My password manager is great",
        "the password is wrong",
        "call me on +44 7700 900123",
        "order number 4512 8831 2201 7754",
        "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
        "id 550e8400-e29b-41d4-a716-446655440000",
        "born on 12-05-1984, paid 1,299.99 euros",
        "the key is under the mat",
        "promo code SAVE20",
    ],
)
def test_numbers_and_talk_of_secrets_are_not_masked(text: str) -> None:
    assert masked(text) == (text, [])


def test_no_store_prompt_or_result_holds_a_redacted_secret() -> None:
    with fake_memory() as memory:
        added = memory.add([{"role": "user", "content": PASSWORD}], user_id="ann")
        assert added.get("redacted") == [{"message": 0, "kind": "password"}]
        kept = memory.search("wifi", user_id="ann", include_messages=True)
        held = str([added, kept, memory.history(added["results"][0]["id"])])
        assert MASK in held
        assert "Tr0ub" not in held


def test_secrets_keep_leaves_messages_word_for_word_and_no_secret_in_facts() -> None:
    with Memory(":memory:", secrets="keep") as memory:
        added = memory.add(PASSWORD, user_id="ann")
        assert "redacted" not in added
        [fact] = memory.get_all(user_id="ann")["results"]
        assert fact["memory"] == CLEAN
        [message] = memory.sources(fact["id"])
        assert message["memory"] == PASSWORD


def test_what_is_stored_without_inference_is_stored_word_for_word() -> None:
    with Memory(":memory:") as memory:
        memory.add(PASSWORD, user_id="ann", infer=False)
        assert memory.get_all(user_id="ann")["results"][0]["memory"] == PASSWORD


def test_queued_input_holds_no_secret() -> None:
    model = FakeLLM([NetworkError("down")])
    with fake_memory(llm=model) as memory:
        added = memory.add(PASSWORD, user_id="ann")
        assert CLEAN in str(model.prompts)
        assert "Tr0ub" not in str(model.prompts)
        assert added["status"] == "pending"
        assert "Tr0ub" not in str(memory.pending(user_id="ann"))
