"""Batches, transactions, filters, import and export."""

from memfast import Memory, RowError

memory = Memory(path=":memory:", embedder="hash")
batch = memory.batch_add(["She swims on Mondays", "She has a dog"], user_id="ann")
ids = [item["id"] for item in batch["results"]]
memory.batch_update([{"memory_id": ids[1], "text": "She has two dogs"}])

with memory.transaction() as tx:
    tx.delete(ids[0])
    tx.add("She swims on Tuesdays", user_id="ann")

filters = {
    "category": "preferences",
    "OR": [{"confirmed": True}, {"created_at": {"gte": "2026-01-01"}}],
}
memory.search("colours", filters=filters, user_id=["ann", "bob"], top_k=5, exact=True)
memory.get_all(filters={"user_id": "ann"}, sort="-created_at", include_messages=True)
for found in memory.search_many(["pets", "sports"], user_id="ann", limit=1):
    for hit in found["results"]:
        print(hit["memory"], hit.get("categories", []))
for item in memory.iter(user_id="*", filters=filters):
    print(item["id"], item["metadata"])

try:
    report = memory.import_([{"memory": "She paints", "user_id": "ann"}], on_conflict="id")
    print(report.added + report.rejected)
except RowError as error:
    print(error.details)
copy = Memory(path=":memory:", embedder="hash")
copy.import_(memory.export())
memory.export("all.jsonl", history=False)
memory.sql("select count(*) from history where user_id = ?", ["ann"]).fetchall()
