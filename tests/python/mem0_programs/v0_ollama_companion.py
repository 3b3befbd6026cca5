"""0.1: a companion on local models, with the store in a folder."""

import os

from memfast import from_mem0

SERVER = os.environ["SERVER"].removesuffix("/v1")

config = {
    "vector_store": {
        "provider": "qdrant",
        "config": {
            "collection_name": "companion",
            "path": "./qdrant_data",
            "on_disk": True,
            "embedding_model_dims": 768,
        },
    },
    "llm": {
        "provider": "ollama",
        "config": {
            "model": "llama3.1:latest",
            "temperature": 0,
            "max_tokens": 2000,
            "top_k": 1,
            "ollama_base_url": SERVER,
        },
    },
    "embedder": {
        "provider": "ollama",
        "config": {"model": "nomic-embed-text:latest", "ollama_base_url": SERVER},
    },
    "history_db_path": "history.db",
}


class Companion:
    def __init__(self):
        self.memory = from_mem0(config)

    def ask(self, question, user_id):
        known = self.memory.search(question, user_id=user_id, limit=3)
        context = "\n".join(f"- {entry['memory']}" for entry in known["results"])
        self.memory.add(question, user_id=user_id)
        return f"Knowing:\n{context}\nyou asked: {question}"


companion = Companion()
companion.ask("I play the cello every evening.", "tom")
assert "cello" in companion.ask("Which instrument do I play?", "tom")

# As a program that is started again finds it.
again = Companion()
assert [one["memory"] for one in again.memory.get_all(user_id="tom")["results"]]
assert not os.path.exists("history.db")
