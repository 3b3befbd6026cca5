"""Wrong arguments. A comment names what basedpyright and mypy must report for its line."""

from memfast import Memory

memory = Memory(path=":memory:")
memory.search("tea", user="ann")  # error: reportCallIssue call-arg
memory.search("tea", user_id="ann", limit="3")  # error: reportArgumentType arg-type
memory.search(b"tea", user_id="ann")  # error: reportArgumentType arg-type
memory.add(user_id="ann")  # error: reportCallIssue call-arg
memory.add("tea", "ann")  # error: reportCallIssue call-arg
memory.get_all(user_id="ann", sort="newest")  # error: reportArgumentType arg-type
memory.update("id", metadata="topic")  # error: reportArgumentType arg-type
memory.delete_all(everything=True)  # error: reportCallIssue call-arg
memory.serach("tea", user_id="ann")  # error: reportAttributeAccessIssue attr-defined
Memory(durability="sometimes")  # error: reportArgumentType arg-type
Memory(pth=":memory:")  # error: reportCallIssue call-arg
memory.search("tea", user_id="ann", rerank=3)  # error: reportArgumentType arg-type
memory.search("tea", user_id="ann", rerank=len)  # error: reportArgumentType arg-type
memory.context("tea", "300", user_id="ann")  # error: reportArgumentType arg-type
memory.context("tea", user_id="ann", tokenizer=str.split)  # error: reportArgumentType arg-type
memory.context("tea", user_id="ann", threshold=0.5)  # error: reportCallIssue call-arg
with memory.transaction() as tx:
    tx.add("tea", user="ann")  # error: reportCallIssue call-arg
