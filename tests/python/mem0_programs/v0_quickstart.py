"""0.1: every call once, with a Qdrant server that is named and never asked."""

from memfast import Memory, from_mem0

config = {
    "vector_store": {"provider": "qdrant", "config": {"host": "localhost", "port": 6333}},
    "llm": {"provider": "openai", "config": {"model": "gpt-4o", "temperature": 0.2}},
    "version": "v1.1",
}
memory: Memory = from_mem0(config)
talk = [
    {"role": "user", "content": "I moved to Lisbon and I cannot eat peanuts."},
    {"role": "assistant", "content": "Noted, no peanuts."},
]
added = memory.add(talk, user_id="rita", metadata={"source": "onboarding"})
for item in added["results"]:
    print(item["event"], item["memory"])

everything = memory.get_all(user_id="rita")["results"]
assert len(everything) == len(added["results"]) == 2
assert everything[0]["metadata"]["source"] == "onboarding"
first = everything[0]["id"]
assert memory.get(first)["memory"] == everything[0]["memory"]

found = memory.search(query="what must she avoid?", user_id="rita", limit=1)
assert len(found["results"]) == 1
assert 0 <= found["results"][0]["score"] <= 1

answer = memory.update(memory_id=first, data="Moved from Lisbon to Faro")
assert answer == {"message": "Memory updated successfully!"}
events = [entry["event"] for entry in memory.history(memory_id=first)]
assert events == ["ADD", "UPDATE"]

memory.delete(memory_id=first)
assert memory.get(first) is None
memory.delete_all(user_id="rita")
assert memory.get_all(user_id="rita") == {"results": []}
memory.reset()
