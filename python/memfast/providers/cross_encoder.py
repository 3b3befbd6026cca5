"""Cross-encoders of the sentence-transformers package: one model reads query and text together."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import Any

from memfast.errors import ConfigurationError
from memfast.providers._adapting import missing_package

DEFAULT = "cross-encoder/ms-marco-MiniLM-L6-v2"


class CrossEncoderReranker:
    """Scores with a model by name, which is loaded when it is first used.

    Args:
        model: Its name, in the local cache or on the hub of the package; or its folder.
        batch_size: Texts that it reads at a time.
        options: More arguments of the package's `CrossEncoder`, such as `device`.
    """

    def __init__(self, model: str = DEFAULT, *, batch_size: int = 32, **options: object) -> None:
        if type(batch_size) is not int or batch_size < 1:
            raise ConfigurationError(
                f"batch_size must be a whole number from 1, not {batch_size!r:.80}"
            )
        self.name = f"cross-encoder:{model}"
        self._model = model
        self._batch_size = batch_size
        self._options = options
        self._lock = Lock()
        self._loaded: Any = None

    def rerank(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        """Return one score per text, in their order.

        Raises:
            DependencyError: The package is missing.
            ConfigurationError: It does not take the options.
        """
        pairs = [(query, text) for text in texts]
        scores: Sequence[float] = self._load().predict(
            pairs, batch_size=self._batch_size, show_progress_bar=False
        )
        return scores

    def _load(self) -> Any:
        with self._lock:
            if self._loaded is None:
                try:
                    from sentence_transformers import CrossEncoder
                except ImportError as error:
                    raise missing_package(
                        "reranker", "cross-encoder", "sentence-transformers"
                    ) from error
                try:
                    self._loaded = CrossEncoder(self._model, **self._options)
                except TypeError as error:
                    settings = sorted(self._options)
                    raise ConfigurationError(
                        f"reranker `{self.name}` does not take these settings: {settings} ({error})"
                    ) from error
            return self._loaded
