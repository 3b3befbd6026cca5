"""The victim of the kill test: changes a store, telling each step on stdout until it is killed."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

from memfast import Memory
from memfast.testing import HashEmbedder


def tell(**step: object) -> None:
    sys.stdout.write(json.dumps(step) + "\n")
    sys.stdout.flush()


def main(path: Path, seed: int) -> None:
    chance = random.Random(seed)
    memory = Memory(path=path, embedder=HashEmbedder(dim=256))
    ids = [item["id"] for item in memory.iter(user_id="*")]
    tell(opened=len(ids))
    step = 0
    while True:
        step += 1
        batch = f"{seed}.{step}"
        act = chance.choice(["add", "add", "update", "delete", "bulk"]) if ids else "add"
        if act in {"add", "bulk"}:
            # A bulk is large enough to be written as a segment of its own.
            texts = [
                f"text {batch}.{n}" for n in range(chance.randint(1, 5) if act == "add" else 1100)
            ]
            user = f"u{chance.randint(0, 2)}"
            tell(will="add", user=user, texts=texts)
            result = memory.add(
                [{"role": "user", "content": text} for text in texts],
                user_id=user,
                metadata={"batch": batch},
                infer=False,
            )
            new = [item["id"] for item in result["results"]]
            tell(done="add", ids=new)
            ids += new
            if act == "bulk":
                tell(will="delete_all", user=user)
                memory.delete_all(user_id=user)
                tell(done="delete_all")
                ids = [item["id"] for item in memory.iter(user_id="*")]
        elif act == "update":
            target = chance.choice(ids)
            tell(will="update", id=target, text=f"changed {batch}")
            memory.update(target, f"changed {batch}")
            tell(done="update")
        else:
            target = ids.pop(chance.randrange(len(ids)))
            tell(will="delete", id=target)
            memory.delete(target)
            tell(done="delete")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
