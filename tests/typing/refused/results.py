"""Results that are used in ways their types do not allow."""

import asyncio

from memfast import AsyncMemory, Memory

memory = Memory(path=":memory:")
hits = memory.search("tea", user_id="ann")["results"]
print(hits[0]["text"])  # error: reportGeneralTypeIssues misc
print(hits[0]["score"].upper())  # error: reportAttributeAccessIssue attr-defined
print(hits[0]["rerank_score"])  # error: reportTypedDictNotRequiredAccess
print(memory.context("tea", user_id="ann")["results"])  # error: reportGeneralTypeIssues misc
print(hits["results"])  # error: reportCallIssue reportArgumentType call-overload
print(memory.get("id")["memory"])  # error: reportOptionalSubscript index
page = memory.get_all(user_id="ann")
print(page["results"][0]["score"])  # error: reportGeneralTypeIssues misc
print(memory.count(user_id="ann").upper())  # error: reportAttributeAccessIssue attr-defined
print(memory.add("tea", user_id="ann")["facts"])  # error: reportGeneralTypeIssues misc
print(memory.history("id")["results"])  # error: reportCallIssue reportArgumentType call-overload


async def main() -> None:
    awaited = AsyncMemory(path=":memory:")
    print(awaited.search("tea", user_id="ann")["results"])  # error: reportIndexIssue index
    print((await awaited.get("id"))["memory"])  # error: reportOptionalSubscript index
    await awaited.search("tea", user="ann")  # error: reportCallIssue call-arg
    for item in awaited.iter(user_id="ann"):  # error: reportGeneralTypeIssues attr-defined
        print(item)


asyncio.run(main())
