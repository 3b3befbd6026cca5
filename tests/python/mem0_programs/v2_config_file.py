"""2.x: a configuration file with variables, models behind a gateway, run twice like a cell."""

import json
import os
from pathlib import Path

import memfast

Path("config.json").write_text(
    json.dumps(
        {
            "vector_store": {
                "provider": "qdrant",
                "config": {
                    "url": "https://cloud.example:6333",
                    "api_key": "$QDRANT_KEY",
                    "collection_name": "gateway",
                },
            },
            "llm": {
                "provider": "litellm",
                "config": {"model": "openai/gpt-4o-mini", "api_key": "$KEY", "temperature": 0.1},
            },
            "embedder": {
                "provider": "huggingface",
                "config": {"huggingface_base_url": "$SERVER", "embedding_dims": 64},
            },
            "graph_store": None,
            "history_db_path": None,
            "custom_instructions": "Keep it short.",
        }
    )
)
os.environ.setdefault("QDRANT_KEY", "q-key")
os.environ.setdefault("KEY", "sk-gateway-key")


def open_memory():
    text = os.path.expandvars(Path("config.json").read_text())
    return memfast.from_mem0(json.loads(text))


memory = open_memory()
memory.add("My sister studies law in Ghent.", user_id="kim")
memory = open_memory()
texts = [entry["memory"] for entry in memory.get_all(filters={"user_id": "kim"})["results"]]
assert any("sister" in text for text in texts), texts
shown = memory.config.model_dump_json()
assert "sk-gateway-key" not in shown
assert "gateway" in str(memory.config.path)
