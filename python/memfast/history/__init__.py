"""The history in DuckDB: a projection of the event log, for SQL."""

from memfast.history.files import Place, choose_place
from memfast.history.projection import History

__all__ = ["History", "Place", "choose_place"]
