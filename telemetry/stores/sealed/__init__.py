"""Closed months of readings as Parquet files, behind the store interface."""
