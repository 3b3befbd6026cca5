"""A cache in front of an embedder, by the hash of the text."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from hashlib import blake2b

from memfast.providers._adapting import Closing
from memfast.providers.protocols import AsyncEmbedder
from memfast.types import Vector, Vectors

SIZE = 4096


class CachedEmbedder(Closing):
    """Embeds a text only if it is not among the last `size` texts that were used."""

    inner: AsyncEmbedder

    def __init__(self, inner: AsyncEmbedder, size: int = SIZE) -> None:
        self.inner = inner
        self.owned = True
        self.name = inner.name
        self.local = bool(getattr(inner, "local", False))
        self.dim = inner.dim
        self.fingerprint = inner.fingerprint
        self._size = size
        self._lock = threading.Lock()
        self._held: OrderedDict[bytes, Vector] = OrderedDict()

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per text; the texts not held are embedded in one call."""
        keys, found, missing = self._look_up(texts)
        if missing:
            self._keep(found, missing, self.inner.embed(list(missing.values())))
        return [found[key] for key in keys]

    async def aembed(self, texts: Sequence[str]) -> Vectors:
        """Do as `embed` does, without blocking the event loop."""
        keys, found, missing = self._look_up(texts)
        if missing:
            self._keep(found, missing, await self.inner.aembed(list(missing.values())))
        return [found[key] for key in keys]

    def _look_up(
        self, texts: Sequence[str]
    ) -> tuple[list[bytes], dict[bytes, Vector], dict[bytes, str]]:
        """Return the texts' keys, the vectors held, and the texts of the others."""
        keys = [
            blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
            for text in texts
        ]
        found: dict[bytes, Vector] = {}
        with self._lock:
            for key in keys:
                if key in self._held:
                    self._held.move_to_end(key)
                    found[key] = self._held[key]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        return keys, found, missing

    def _keep(
        self, found: dict[bytes, Vector], missing: Mapping[bytes, str], vectors: Vectors
    ) -> None:
        # One vector per text: the adapter has checked it.
        found.update((key, vectors[index]) for index, key in enumerate(missing))
        with self._lock:
            self._held.update((key, found[key]) for key in missing)
            while len(self._held) > self._size:
                self._held.popitem(last=False)
