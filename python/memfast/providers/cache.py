"""A small cache in front of an embedder, by content hash."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

from memfast.providers.protocols import AsyncEmbedder, Closing
from memfast.types import Vectors

SIZE = 4096


class CachedEmbedder(Closing):
    """Embeds each text once while it is among the last `size` ones used."""

    def __init__(self, inner: AsyncEmbedder, size: int = SIZE) -> None:
        self.inner: Any = inner
        self.owned = True
        self.name = inner.name
        self.local = bool(getattr(inner, "local", False))
        self.dim = inner.dim
        self.fingerprint = inner.fingerprint
        self._size = size
        self._lock = threading.Lock()
        self._held: OrderedDict[bytes, Any] = OrderedDict()

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per text; those not held are embedded in one call."""
        keys, found, missing = self._look(texts)
        if missing:
            self._keep(found, missing, self.inner.embed(list(missing.values())))
        return [found[key] for key in keys]

    async def aembed(self, texts: Sequence[str]) -> Vectors:
        """Do as `embed` does, without holding the event loop."""
        keys, found, missing = self._look(texts)
        if missing:
            self._keep(found, missing, await self.inner.aembed(list(missing.values())))
        return [found[key] for key in keys]

    def _look(self, texts: Sequence[str]) -> tuple[list[bytes], dict[bytes, Any], dict[bytes, str]]:
        """Return the texts' keys, the vectors held, and the texts of those that are not."""
        keys = [
            blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
            for text in texts
        ]
        found: dict[bytes, Any] = {}
        with self._lock:
            for key in keys:
                if key in self._held:
                    self._held.move_to_end(key)
                    found[key] = self._held[key]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        return keys, found, missing

    def _keep(self, found: dict[bytes, Any], missing: dict[bytes, str], vectors: Any) -> None:
        found.update(zip(missing, vectors, strict=True))
        with self._lock:
            self._held.update((key, found[key]) for key in missing)
            while len(self._held) > self._size:
                self._held.popitem(last=False)
