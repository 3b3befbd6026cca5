"""Facts from conversation by rules alone: no model, no network."""

from memfast.extraction.rules.extract import extract

__all__ = ["extract"]
