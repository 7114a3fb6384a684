"""Readings in files: CSV, Parquet, and what portals export."""
