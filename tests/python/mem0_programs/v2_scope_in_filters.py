"""2.x: ids inside `filters`, config classes, and typed errors."""

from memfast import Memory
from memfast.configs.base import EmbedderConfig, LlmConfig, MemoryConfig, VectorStoreConfig
from memfast.exceptions import MemoryError as Mem0Error
from memfast.exceptions import ValidationError

memory = Memory(
    config=MemoryConfig(
        llm=LlmConfig(provider="openai", config={"model": "gpt-5-mini"}),
        embedder=EmbedderConfig(
            provider="openai", config={"model": "text-embedding-3-small", "embedding_dims": 64}
        ),
        vector_store=VectorStoreConfig(
            provider="faiss", config={"path": "./faiss", "collection_name": "v2"}
        ),
    )
)
added = memory.add("I run a bakery in Ghent.", user_id="lou", expiration_date="2999-12-31")
scope = {"user_id": "lou"}
assert memory.get_all(filters=scope, top_k=10)["results"][0]["memory"]
hits = memory.search("bakery", top_k=3, filters={**scope, "AND": [{"user_id": "lou"}]})["results"]
assert hits[0]["id"] == added["results"][0]["id"]
memory.update(hits[0]["id"], text="Runs two bakeries in Ghent", metadata={"checked": True})
assert memory.get(hits[0]["id"])["metadata"] == {"checked": True}

for wrong in (
    lambda: memory.add("no scope"),
    lambda: memory.search("no scope", filters={"kind": "x"}),
    lambda: memory.add(17, user_id="lou"),
    lambda: memory.search("", filters=scope),
    lambda: memory.search("x", filters=scope, top_k=-1),
    lambda: memory.delete("no such id"),
):
    try:
        wrong()
    except (ValidationError, ValueError) as error:
        assert isinstance(error, Mem0Error)
        print(type(error).__name__, error)
    else:
        raise AssertionError("accepted")
memory.close()
