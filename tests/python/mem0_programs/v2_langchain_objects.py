"""2.x: model objects in LangChain's shape, and what an agent did."""

import json
import os
from urllib.request import Request, urlopen

from memfast.memory.main import Memory

SERVER = os.environ["SERVER"]


def post(resource, body):
    request = Request(f"{SERVER}/{resource}", json.dumps(body).encode())
    with urlopen(request) as reply:
        return json.load(reply)


class Chat:
    """A chat model: `invoke` takes pairs of role and text and returns a message."""

    model_name = "house-model"

    def invoke(self, messages):
        roles = {"human": "user", "ai": "assistant", "system": "system"}
        asked = [{"role": roles[role], "content": text} for role, text in messages]
        reply = post("chat/completions", {"model": self.model_name, "messages": asked})
        return type("AIMessage", (), reply["choices"][0]["message"])()


class Vectors:
    """Embeddings: `embed_documents` and `embed_query`."""

    model = "house-vectors"

    def embed_documents(self, texts):
        reply = post("embeddings", {"model": self.model, "input": texts})
        return [row["embedding"] for row in reply["data"]]

    def embed_query(self, text):
        return self.embed_documents([text])[0]


memory = Memory.from_config(
    {
        "llm": {"provider": "langchain", "config": {"model": Chat()}},
        "embedder": {"provider": "langchain", "config": {"model": Vectors()}},
        "vector_store": {"provider": "milvus", "config": {"url": "./milvus.db", "token": ""}},
    },
    foreign="warn",
)
memory.add("I grow tomatoes on the roof.", user_id="sam")
assert "tomatoes" in memory.search("garden", filters={"user_id": "sam"})["results"][0]["memory"]
steps = [
    {"role": "user", "content": "Book a table for two"},
    {"role": "assistant", "content": "Searched for a table; booked one at eight"},
]
kept = memory.add(steps, agent_id="concierge", memory_type="procedural_memory")
assert kept["results"][0]["event"] == "ADD"
assert memory.get_all(filters={"agent_id": "concierge"})["results"]
