"""The verbs, each imported at its first use."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memfast import verbs as verbs  # noqa: PLC0414 - exported by it
else:
    from memfast._verb import Names

    verbs = Names("memfast.verbs")
