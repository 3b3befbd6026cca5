"""1.x: a support desk with sessions, agents and metadata."""

import logging
from datetime import datetime

from memfast import Memory, MemoryClient, from_mem0  # noqa: F401

logging.basicConfig(level=logging.INFO)


class SupportDesk:
    agent = "desk"

    def __init__(self) -> None:
        self.memory: Memory = from_mem0(
            {
                "vector_store": {
                    "provider": "pgvector",
                    "config": {
                        "dbname": "postgres",
                        "collection_name": "tickets",
                        "host": "db.internal",
                        "password": "hunter2",
                    },
                },
                "llm": {"provider": "openai", "config": {"model": "gpt-4.1-nano"}},
                "embedder": {
                    "provider": "openai",
                    "config": {"model": "text-embedding-3-small", "embedding_dims": 1536},
                },
                "reranker": None,
            }
        )

    def note(self, customer: str, session: str, text: str) -> None:
        self.memory.add(
            [{"role": "user", "content": text, "name": "customer"}],
            user_id=customer,
            agent_id=self.agent,
            run_id=session,
            metadata={"type": "ticket", "at": datetime.now().isoformat()},
            infer=False,
        )

    def recall(self, customer: str, question: str) -> list[str]:
        found = self.memory.search(question, user_id=customer, agent_id=self.agent, limit=5)
        return [entry["memory"] for entry in found["results"]]


desk = SupportDesk()
desk.note("c-1", "s-1", "The router restarts twice a day")
desk.note("c-1", "s-2", "The new router still restarts")
desk.note("c-2", "s-3", "I want a refund")
assert len(desk.recall("c-1", "router")) == 2
assert desk.recall("c-2", "router") == ["I want a refund"]
one = desk.memory.get_all(user_id="c-1", run_id="s-2")["results"][0]
assert one["actor_id"] == "customer"
assert one["metadata"]["type"] == "ticket"
desk.memory.delete_all(user_id="c-1", run_id="s-1")
assert desk.recall("c-1", "router") == ["The new router still restarts"]
