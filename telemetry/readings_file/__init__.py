"""Readings files: CSV, Parquet, and exports of portals."""
