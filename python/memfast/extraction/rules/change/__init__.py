"""Decides by rules which memories a new fact outdates."""

from memfast.extraction.rules.change.decide import decide_by_rules

__all__ = ["decide_by_rules"]
