"""The victim of the kill test: changes a store, telling each step on stdout until it is killed."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from memfast import Memory
from memfast.testing import HashEmbedder
from memfast.types import Prompt, Reply

if TYPE_CHECKING:
    from collections.abc import Callable

# Large enough to be written as a segment of its own.
BULK = 1100


def tell(**step: object) -> None:
    sys.stdout.write(json.dumps(step) + "\n")
    sys.stdout.flush()


class Listener:
    """A language model that returns each part of the last message as a fact."""

    name = "listener"

    def complete(self, prompt: Prompt) -> Reply:
        said = str(prompt.messages[-1]["content"]).splitlines()[-2]
        return Reply(json.dumps({"facts": [{"text": text} for text in said.split("; ")]}))


class Victim:
    def __init__(self, path: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.seed = seed
        self.step = 0
        # Reconciliation would read such similar texts as updates of each other.
        self.memory = Memory(
            path=path, embedder=HashEmbedder(dim=256), llm=Listener(), strategy="additive"
        )
        self.ids = self.known()
        tell(opened=len(self.ids))

    def known(self) -> list[str]:
        return [item["id"] for item in self.memory.iter(user_id="*")]

    def texts(self, count: int) -> list[str]:
        return [f"text {self.seed}.{self.step}.{n}" for n in range(count)]

    def will_add(self, count: int) -> tuple[str, list[str]]:
        user, texts = f"u{self.chance.randint(0, 2)}", self.texts(count)
        tell(will="add", user=user, texts=texts)
        return user, texts

    def added(self, ids: list[str]) -> None:
        tell(done="add", ids=ids)
        self.ids += ids

    def add(self, count: int | None = None) -> str:
        user, texts = self.will_add(count or self.chance.randint(1, 5))
        messages = [{"role": "user", "content": text} for text in texts]
        metadata = {"step": self.step}
        result = self.memory.add(messages, user_id=user, metadata=metadata, infer=False)
        self.added([item["id"] for item in result["results"]])
        return user

    def understand(self) -> None:
        # Facts and the message they come from, in one commit.
        user, texts = self.will_add(self.chance.randint(1, 5))
        result = self.memory.add("; ".join(texts), user_id=user)
        self.added([item["id"] for item in result["results"]])

    def bulk(self) -> None:
        user = self.add(BULK)
        tell(will="delete_all", user=user)
        self.memory.delete_all(user_id=user)
        tell(done="delete_all")
        self.ids = self.known()

    def batch(self) -> None:
        user, texts = self.will_add(5)
        results = self.memory.batch_add(texts, user_id=user)["results"]
        self.added([result["id"] for result in results])

    def imports(self) -> None:
        # One commit: all rows are stored, or none.
        user, texts = self.will_add(BULK)
        ids = [f"import-{self.seed}-{self.step}-{n}" for n in range(BULK)]
        rows = [{"id": one, "memory": text} for one, text in zip(ids, texts, strict=True)]
        self.memory.import_(rows, user_id=user)
        self.added(ids)

    def optimize(self) -> None:
        # Merges the segments, then builds and saves the index.
        tell(will="optimize")
        self.memory.optimize(progress=False)
        tell(done="optimize")

    def update(self) -> None:
        target, text = self.chance.choice(self.ids), f"changed {self.seed}.{self.step}"
        tell(will="update", id=target, text=text)
        self.memory.update(target, text)
        tell(done="update")

    def delete(self) -> None:
        target = self.ids.pop(self.chance.randrange(len(self.ids)))
        tell(will="delete", id=target)
        self.memory.delete(target)
        tell(done="delete")

    def run(self) -> None:
        anytime: list[Callable[[], object]]
        anytime = [self.add, self.add, self.understand, self.batch, self.bulk]
        anytime += [self.imports, self.optimize]
        while True:
            self.step += 1
            self.chance.choice([*anytime, self.update, self.delete] if self.ids else anytime)()


if __name__ == "__main__":
    Victim(Path(sys.argv[1]), int(sys.argv[2])).run()
