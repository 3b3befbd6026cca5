"""1.x: Azure, with the settings in variables and the config's left empty."""

import os

from memfast import from_mem0

PLACE = os.environ["SERVER"].removesuffix("/v1")

for start in ("LLM_AZURE", "EMBEDDING_AZURE"):
    os.environ[f"{start}_OPENAI_API_KEY"] = "azure-key"
    os.environ[f"{start}_DEPLOYMENT"] = "deployed"
    os.environ[f"{start}_ENDPOINT"] = PLACE
    os.environ[f"{start}_API_VERSION"] = "2024-10-21"

empty = {"azure_deployment": "", "api_version": "", "azure_endpoint": "", "api_key": ""}
memory = from_mem0(
    {
        "llm": {
            "provider": "azure_openai",
            "config": {
                "model": "deployed",
                "temperature": 0.1,
                "max_tokens": 2000,
                "azure_kwargs": {**empty, "default_headers": {"X-Team": "memory"}},
            },
        },
        "embedder": {
            "provider": "azure_openai",
            "config": {"model": "text-embedding-3-large", "azure_kwargs": dict(empty)},
        },
    }
)
result = memory.add("I drink green tea in the morning.", user_id="yuki")
assert "tea" in result["results"][0]["memory"]
assert memory.search("what does she drink?", user_id="yuki")["results"]
