"""An embedder and a language model written by the user."""

import json
from collections.abc import Sequence

from memfast import Memory
from memfast.types import Prompt, Reply


class Embedder:
    dim = 3

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        return [[float(len(text)), 1.0, 0.0] for text in texts]


class Model:
    name = "mine"

    def complete(self, prompt: Prompt) -> Reply:
        said = str(prompt.messages[-1]["content"])
        return Reply(json.dumps({"facts": [{"text": said.splitlines()[-2]}]}))


memory = Memory(path=":memory:", embedder=Embedder(), llm=Model())
memory.add("I live in Lisbon.", user_id="ann")
for waiting in memory.pending():
    print(waiting["reason"])

places = Memory(path=":memory:", embedder=None, dim=3)
places.add("north", user_id="map", vector=[0.0, 1.0, 0.0])
print(places.search(vector=[0.1, 0.9, 0.0], user_id="map")["results"][0]["memory"])
