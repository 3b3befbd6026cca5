"""0.1: a graph store, Chroma, and prompts of the program's own."""

import os

from memfast import from_mem0

PROMPT = 'Find what the user orders. Answer {"facts": ["..."]} and nothing else.'

memory = from_mem0(
    config_dict={
        "graph_store": {
            "provider": "neo4j",
            "config": {"url": "neo4j+s://nowhere", "username": "neo4j", "password": "secret"},
        },
        "vector_store": {
            "provider": "chroma",
            "config": {"collection_name": "Orders 2024", "path": "db"},
        },
        "llm": {
            "provider": "openai",
            "config": {"model": "gpt-4o-mini", "openai_base_url": os.environ["SERVER"]},
        },
        "custom_prompt": PROMPT,
    }
)
result = memory.add("I ordered a red kettle last week.", user_id="ines", agent_id="shop")
assert "kettle" in result["results"][0]["memory"]
assert result.get("relations", []) == []

hits = memory.search("kettle", user_id="ines", agent_id="shop")
print([hit["memory"] for hit in hits["results"]], hits.get("relations", []))
assert hits["results"]
assert os.listdir("db") == ["memfast"]
