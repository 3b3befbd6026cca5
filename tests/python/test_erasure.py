"""Laws of `reset`: no byte of what was stored is left in any file."""

from __future__ import annotations

from pathlib import Path

from memfast import Memory

SECRETS = [f"the password of box {number} is kx{number * 7919 + 13}zq" for number in range(1200)]


def holders(directory: Path, secrets: list[str]) -> set[str]:
    """Return the names of the files that hold one of some texts."""
    files = [path for path in directory.rglob("*") if path.is_file()]
    needles = [secret.split()[-1].encode() for secret in secrets]
    return {path.name for path in files if any(needle in path.read_bytes() for needle in needles)}


def test_reset_leaves_no_text_and_no_vectors_in_any_file(tmp_path: Path) -> None:
    with Memory(path=tmp_path) as memory:
        memory.import_([{"memory": secret, "user_id": "ann"} for secret in SECRETS])
        memory.optimize()
        memory.delete_all(user_id="ann")
        memory.import_([{"memory": secret, "user_id": "bob"} for secret in SECRETS])
        assert memory.sql("select count(*) from history").fetchall() == [(3600,)]
        assert "memfast.redb" in holders(tmp_path, SECRETS)
        assert list(tmp_path.rglob("*.seg"))
        assert list(tmp_path.rglob("*.hnsw"))

        memory.reset()
        assert holders(tmp_path, SECRETS) == set()
        assert not list(tmp_path.rglob("*.seg"))
        assert not list(tmp_path.rglob("*.hnsw"))

        memory.add("the garden is green", user_id="ann", infer=False)
        assert memory.sql("select memory from memories").fetchall() == [("the garden is green",)]
    with Memory(path=tmp_path) as memory:
        rows = memory.get_all(filters={"user_id": "*"})["results"]
        assert [row["memory"] for row in rows] == ["the garden is green"]
    assert holders(tmp_path, SECRETS) == set()
