"""Bulk import and export: Parquet, CSV, JSON lines, Arrow and dicts."""
