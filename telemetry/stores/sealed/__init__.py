"""Closed months of readings as Parquet files, behind the interface of a store."""
