"""Wrong uses of the types that models take and return."""

from memfast import Memory
from memfast.types import Prompt, Reply


class Silent:
    name = "silent"

    def complete(self, prompt: Prompt) -> Reply:
        return Reply(5)  # error: reportArgumentType arg-type


print(Prompt([]).text)  # error: reportAttributeAccessIssue attr-defined
Memory(path=":memory:", llm=Silent(), strategy="forget")  # error: reportArgumentType arg-type
