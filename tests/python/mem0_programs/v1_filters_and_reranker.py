"""1.x: operators on metadata beside a reranker that is configured."""

import os

from memfast import from_mem0

memory = from_mem0(
    {
        "reranker": {"provider": "sentence_transformer", "config": {"model": "cross-encoder/x"}},
        "embedder": {
            "provider": "lmstudio",
            "config": {"model": "nomic", "lmstudio_base_url": os.environ["SERVER"]},
        },
        "llm": {
            "provider": "lmstudio",
            "config": {
                "model": "llama",
                "lmstudio_base_url": os.environ["SERVER"],
                "lmstudio_response_format": {"type": "json_object"},
            },
        },
    }
)
for number, (text, category) in enumerate(
    [("Ship the beta", "work"), ("Call the dentist", "personal"), ("Write the report", "work")]
):
    memory.add(
        text, user_id="ola", metadata={"category": category, "priority": number}, infer=False
    )
found = memory.search(
    "what is to be done?",
    user_id="ola",
    filters={"AND": [{"category": {"in": ["work"]}}, {"priority": {"gte": 1}}]},
    threshold=0.0,
)
assert [hit["memory"] for hit in found["results"]] == ["Write the report"]
either = memory.search(
    "anything",
    user_id="ola",
    filters={"OR": [{"category": "personal"}, {"priority": {"lt": 1}}]},
)
assert {hit["memory"] for hit in either["results"]} == {"Ship the beta", "Call the dentist"}
try:
    memory.search("anything", user_id="ola", filters={"priority": {"about": 1}})
except ValueError as error:
    print("refused:", error)
else:
    raise AssertionError("an unknown operator")
