"""An agent that remembers its user, in the style of mem0's programs."""

from memfast import Memory, MemoryNotFoundError

memory = Memory(path=":memory:")


def answer(question: str, user_id: str) -> str:
    hits = memory.search(question, user_id=user_id, limit=3, threshold=0.2)["results"]
    known = "\n".join(f"- {hit['memory']} ({hit['score']:.2f}, {hit['id']})" for hit in hits)
    prompt = f"What you know:\n{known}\n\nQuestion: {question}"
    messages = [
        {"role": "user", "content": question},
        {"role": "assistant", "content": prompt},
    ]
    memory.add(messages, user_id=user_id, metadata={"topic": "chat"})
    return prompt


def first_memory(user_id: str) -> str | None:
    for item in memory.get_all(user_id=user_id, limit=1)["results"]:
        return item["memory"]
    return None


def forget(memory_id: str) -> bool:
    try:
        memory.delete(memory_id)
    except MemoryNotFoundError as error:
        print(error.message, error.suggestion, error.error_code)
        return False
    return True


added = memory.add("I live in Lisbon.", user_id="ann")
for change in added["results"]:
    print(change["id"], change["event"], change["memory"])
    if change["event"] == "UPDATE":
        print(change["previous_memory"].upper())
    for entry in memory.history(change["id"]):
        print(entry["action"], entry["old_memory"], entry["new_memory"])
    found = memory.get(change["id"])
    if found is not None:
        print(found["memory"], found["created_at"], found.get("user_id", "nobody").upper())
    memory.update(change["id"], "I live in Porto.")
    memory.update(change["id"], text="I live in Porto.", metadata={"checked": True})
    forget(change["id"])
memory.delete_all(user_id="ann")
memory.close()
